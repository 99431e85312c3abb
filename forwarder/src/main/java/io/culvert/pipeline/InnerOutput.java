package io.culvert.pipeline;

import io.culvert.linux.Errno;
import io.culvert.linux.IoVectors;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.Slot;
import org.jspecify.annotations.Nullable;

/** Writes packets into their tunnels' devices. One thread. */
final class InnerOutput {

    private final IoVectors pieces = new IoVectors(IngressStage.MAX_BATCH);

    /** Writes a packet, a super-packet in pieces; returns why it was refused, or null. */
    @Nullable
    DropReason write(MergedPacket packet) {
        packet.finish();
        Slot head = packet.part(0);
        if (packet.count() == 1) {
            return write(head);
        }
        InnerDevice device = head.tunnel().device();
        int headers = InnerHeader.store(head, device);
        pieces.set(0, head.address + head.offset - headers, headers + head.length);
        for (int i = 1; i < packet.count(); i++) {
            pieces.set(i, packet.part(i).address + packet.payloadOffset(i), packet.payloadLength(i));
        }
        int written = device.writePieces(pieces.address(), packet.count());
        while (written == -Errno.EINTR) {
            written = device.writePieces(pieces.address(), packet.count());
        }
        return refusal(written);
    }

    /** Writes a slot's packet; returns why it was refused, or null. */
    static @Nullable DropReason write(Slot slot) {
        InnerDevice device = slot.tunnel().device();
        int headers = InnerHeader.store(slot, device);
        long address = slot.address + slot.offset - headers;
        int length = headers + slot.length;
        int written = device.write(address, length);
        while (written == -Errno.EINTR) {
            written = device.write(address, length);
        }
        return refusal(written);
    }

    private static @Nullable DropReason refusal(int written) {
        if (written >= 0) {
            return null;
        }
        return switch (-written) {
            case Errno.EIO, Errno.EBADFD, Errno.EBADF -> DropReason.TUN_DOWN;
            case Errno.ENOBUFS -> DropReason.PTY_FULL;
            default -> DropReason.TUN_REFUSED;
        };
    }
}
