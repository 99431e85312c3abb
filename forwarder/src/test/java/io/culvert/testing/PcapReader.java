package io.culvert.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the packets of a pcap file of either byte order; of a cut file, those that are whole. */
public final class PcapReader {
    private static final int FILE_HEADER_LENGTH = 24;
    private static final int RECORD_HEADER_LENGTH = 16;

    private PcapReader() {}

    public static List<byte[]> read(Path file) {
        try {
            ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.BIG_ENDIAN);
            int magic = in.getInt(0);
            if (magic != 0xa1b2c3d4 && magic != 0xa1b23c4d) {
                in.order(ByteOrder.LITTLE_ENDIAN);
            }
            in.position(FILE_HEADER_LENGTH);
            List<byte[]> packets = new ArrayList<>();
            while (in.remaining() >= RECORD_HEADER_LENGTH) {
                int captured = in.getInt(in.position() + 8);
                in.position(in.position() + RECORD_HEADER_LENGTH);
                if (captured < 0 || captured > in.remaining()) {
                    break;
                }
                byte[] packet = new byte[captured];
                in.get(packet);
                packets.add(packet);
            }
            return packets;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
