package io.culvert.esp;

import io.culvert.perf.micro.MicroBenchmark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Sealing one packet with AES-GCM-128 as ESP does, through libcrypto and through the JDK's own provider. To be judged
 * beside {@code openssl speed -evp aes-128-gcm -bytes 1400} on the same machine in the same minute.
 */
public class EspBenchmark extends MicroBenchmark {

    private static final int HEADROOM = 64;
    private static final int IV_OFFSET = 8;
    private static final int HEADER_LENGTH = 16;
    private static final int NONCE_LENGTH = 12;
    private static final int ICV_BITS = 128;
    private static final int SALT_LENGTH = 4;
    private static final int IPV4 = 4;
    private static final int KEY_LENGTH = 20;

    @Param({"64", "1400"})
    public int bytes = 1400;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(2048);
    private final UnsafeBuffer buffer = new UnsafeBuffer(memory);
    private final byte[] nonce = new byte[NONCE_LENGTH];
    private final SecurityAssociation association = association();
    private final Cipher jca = cipher();
    private final SecretKeySpec jcaKey = new SecretKeySpec(new byte[HEADER_LENGTH], "AES");

    private static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SecurityAssociation association() {
        try {
            Path keyFile = Files.createTempFile(
                    "esp", ".key", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(keyFile, "42".repeat(KEY_LENGTH));
            SecurityAssociation opened = SecurityAssociation.open(new SaSpec(
                    SaSpec.Direction.OUT,
                    SaSpec.MIN_SPI,
                    EspTransform.AES_GCM,
                    keyFile,
                    null,
                    true,
                    SaSpec.DEFAULT_REPLAY_WINDOW,
                    SaLifetime.UNLIMITED));
            opened.reserve(Long.MAX_VALUE);
            Files.delete(keyFile);
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TearDown
    public void close() {
        association.close();
    }

    /** As the packet path does it. */
    @Benchmark
    public boolean libcrypto() {
        long sequence = association.takeSequence(1, bytes);
        return association.seal(buffer, HEADROOM, bytes, IPV4, sequence, 0);
    }

    /** The same through javax.crypto: a Cipher object that is used again, direct buffers, in place. */
    @Benchmark
    public int jca() throws GeneralSecurityException {
        long sequence = association.takeSequence(1, bytes);
        buffer.putLong(HEADROOM + IV_OFFSET, sequence);
        buffer.getBytes(HEADROOM + IV_OFFSET, nonce, SALT_LENGTH, Long.BYTES);
        jca.init(Cipher.ENCRYPT_MODE, jcaKey, new GCMParameterSpec(ICV_BITS, nonce));
        jca.updateAAD(memory.duplicate().position(HEADROOM).limit(HEADROOM + IV_OFFSET));
        int payload = HEADROOM + HEADER_LENGTH;
        ByteBuffer input = memory.duplicate().position(payload).limit(payload + bytes + 2);
        return jca.doFinal(input, memory.duplicate().position(payload));
    }
}
