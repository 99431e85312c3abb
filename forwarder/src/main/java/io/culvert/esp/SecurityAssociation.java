package io.culvert.esp;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.agrona.MutableDirectBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A security association at work: its key in libcrypto's contexts, its sequence numbers, its replay window, its counters.
 * Which thread calls what stands with each method. It never says anything of its key.
 */
public final class SecurityAssociation implements AutoCloseable {

    /** Sequence number of a packet that must not be sent. */
    public static final long NONE = 0;

    /** Sequence number of a packet for which none was reserved: it must not be sent either. */
    public static final long UNRESERVED = Long.MIN_VALUE;

    private static final int SEQUENCE_OFFSET = 4;
    private static final long LAST_SEQUENCE = 0xffff_ffffL;

    private final SaSpec spec;
    private final String name;
    private final EspTransform transform;
    private final CipherPool ciphers;
    private final EspTrailer trailer;
    private final ReplayWindow window;
    private final SaUsage usage;
    private final AtomicLong sequence = new AtomicLong();
    private final AtomicLong replayed = new AtomicLong();
    private final AtomicLong forged = new AtomicLong();
    private volatile long reserved;
    private long ivMask = randomLong();

    /** What a limit that was reached means. */
    public enum Event {
        NONE,
        SOFT_EXPIRED,
        HARD_EXPIRED
    }

    private SecurityAssociation(SaSpec spec, String name, CipherPool ciphers) {
        this.spec = spec;
        this.name = name;
        this.ciphers = ciphers;
        transform = spec.transform();
        trailer = new EspTrailer(transform);
        window = new ReplayWindow(spec.replayWindow());
        usage = new SaUsage(spec.lifetime());
    }

    /**
     * Reads the keys and makes the association; they are in libcrypto's contexts only then.
     *
     * @param spec without problems
     * @throws EspException if a key file cannot be used
     * @throws IllegalStateException if libcrypto does not have the algorithm
     */
    public static SecurityAssociation open(SaSpec spec) {
        EspTransform transform = spec.transform();
        try (KeyMaterial key =
                        spec.keyFile() == null ? null : KeyMaterial.read(spec.keyFile(), transform.keyFileLengths());
                KeyMaterial authenticationKey = spec.authKeyFile() == null
                        ? null
                        : KeyMaterial.read(spec.authKeyFile(), List.of(EspTransform.AUTHENTICATION_KEY_LENGTH))) {
            CipherPool ciphers = new CipherPool(factory(spec, key, authenticationKey));
            return new SecurityAssociation(spec, AssociationName.of(spec, key, authenticationKey), ciphers);
        }
    }

    private static Supplier<PacketCipher> factory(
            SaSpec spec, @Nullable KeyMaterial key, @Nullable KeyMaterial authenticationKey) {
        EspTransform transform = spec.transform();
        boolean outbound = spec.isOutbound();
        if (authenticationKey != null) {
            return () -> new HmacCipher(transform, key, authenticationKey, outbound, spec.extendedSequence());
        }
        if (key == null) {
            throw new IllegalArgumentException(transform.algorithm() + " without a key");
        }
        return () -> new AeadCipher(transform, key, outbound, spec.extendedSequence());
    }

    private static long randomLong() {
        try (NativeMemory random = new NativeMemory(Long.BYTES)) {
            CipherContexts.random(random);
            return random.buffer().getLong(0);
        }
    }

    /** What it was made from. */
    public SaSpec spec() {
        return spec;
    }

    /** What it is called where its sequence numbers are kept: the same for the same key, which it does not tell. */
    public String name() {
        return name;
    }

    /** Highest sequence number that it may ever have. */
    public long lastPossibleSequence() {
        return spec.extendedSequence() ? Long.MAX_VALUE : LAST_SEQUENCE;
    }

    /**
     * Goes on where its key was last in use, before any packet: what is sent has higher numbers, what is received up to that
     * number is a replay. The conductor, before any path refers to it.
     *
     * @param last the highest number that may have been in use
     * @param mask what {@link #ivMask} was then
     */
    public void resume(long last, long mask) {
        if (spec.isOutbound()) {
            sequence.set(last);
            ivMask = mask;
        } else {
            window.startAt(last);
        }
    }

    /**
     * Lets numbers up to that one be taken: they never will be again, whatever happens to this process. The conductor.
     *
     * @param last not lower than ever before
     */
    public void reserve(long last) {
        reserved = last;
    }

    /** The highest number that may be taken; any thread. */
    public long reserved() {
        return reserved;
    }

    /**
     * What sequence numbers are xored with to make initialization vectors. As long as it is kept with the numbers, no vector
     * repeats under the key; where both are lost it is drawn anew, so that most probably none does either.
     */
    public long ivMask() {
        return ivMask;
    }

    /**
     * Takes sequence numbers for packets to send, and counts these; one thread.
     *
     * @param count how many outer packets need one
     * @param innerBytes bytes of the inner packets
     * @return the first of them, from 1; {@link #NONE} if the association has reached a hard limit or its last number;
     *     {@link #UNRESERVED} if not so many are reserved
     */
    public long takeSequence(int count, int innerBytes) {
        long last = sequence.getPlain();
        if (!spec.extendedSequence() && last + count > LAST_SEQUENCE) {
            usage.expire();
        }
        if (usage.expireIfUsedUp()) {
            return NONE;
        }
        if (last + count > reserved) {
            return UNRESERVED;
        }
        sequence.setRelease(last + count);
        usage.count(count, innerBytes);
        return last + 1;
    }

    /**
     * Makes an inner packet an ESP packet in place; any thread.
     *
     * @param offset where the ESP header goes; the inner packet is {@link EspTransform#headerLength} behind it, and as
     *     many bytes as {@link EspTransform#trailerLength} says are free behind that
     * @param nextHeader IP protocol number of the inner packet
     * @param packetSequence from {@link #takeSequence}
     * @param worker number of the calling worker
     * @return whether it worked; it always does but for a defect of libcrypto
     */
    public boolean seal(
            MutableDirectBuffer buffer, int offset, int innerLength, int nextHeader, long packetSequence, int worker) {
        int ciphertextLength = transform.ciphertextLength(innerLength);
        buffer.putInt(offset, spec.spi(), BIG_ENDIAN);
        buffer.putInt(offset + SEQUENCE_OFFSET, (int) packetSequence, BIG_ENDIAN);
        trailer.put(buffer, offset, innerLength, nextHeader);
        PacketCipher cipher = ciphers.take(worker);
        boolean sealed = cipher.seal(buffer, offset, ciphertextLength, packetSequence, packetSequence ^ ivMask);
        ciphers.give(cipher, worker);
        return sealed;
    }

    /** The 64-bit sequence number of a received packet that carries these 32 bits of it; any thread. */
    public long extend(int lower) {
        return spec.extendedSequence() ? window.extend(lower) : Integer.toUnsignedLong(lower);
    }

    /**
     * Checks and decrypts a received ESP packet in place; any thread. The replay window does not move: {@link #accept} does
     * that in the order of arrival.
     *
     * @param offset of the ESP header
     * @param length bytes from there to the end of the packet
     * @param packetSequence from {@link #extend}
     * @param worker number of the calling worker
     */
    public EspOutcome open(MutableDirectBuffer buffer, int offset, int length, long packetSequence, int worker) {
        int ciphertextLength = trailer.ciphertextLength(length);
        if (!transform.isCiphertextLength(ciphertextLength)) {
            return EspOutcome.MALFORMED;
        }
        if (usage.isExpired()) {
            return EspOutcome.EXPIRED;
        }
        if (!window.mayAccept(packetSequence)) {
            return EspOutcome.REPLAYED;
        }
        PacketCipher cipher = ciphers.take(worker);
        boolean authentic = cipher.open(buffer, offset, ciphertextLength, packetSequence);
        ciphers.give(cipher, worker);
        if (!authentic) {
            return EspOutcome.FORGED;
        }
        return trailer.isValid(buffer, offset, length) ? EspOutcome.OPENED : EspOutcome.BAD_PADDING;
    }

    /** IP protocol number of what an opened packet carries. */
    public int nextHeader(MutableDirectBuffer buffer, int offset, int length) {
        return trailer.nextHeader(buffer, offset, length);
    }

    /** Bytes that an opened packet carries, from {@link EspTransform#headerLength} on. */
    public int innerLength(MutableDirectBuffer buffer, int offset, int length) {
        return trailer.innerLength(buffer, offset, length);
    }

    /**
     * Judges an authentic packet's sequence number, and counts the packet; one thread, in the order of arrival.
     *
     * @return whether it is new
     */
    public boolean accept(long packetSequence, int innerBytes) {
        if (!window.accept(packetSequence)) {
            replayed();
            return false;
        }
        usage.count(1, innerBytes);
        usage.expireIfUsedUp();
        return true;
    }

    /** Counts a packet that was replayed; the thread of {@link #accept}. */
    public void replayed() {
        replayed.setRelease(replayed.getPlain() + 1);
    }

    /** Counts a packet that was not authentic; the thread of {@link #accept}. */
    public void forged() {
        forged.setRelease(forged.getPlain() + 1);
    }

    /** What has happened since the last call, from the first of which its time counts; the conductor. */
    public Event poll(long nowNanos) {
        return usage.poll(nowNanos);
    }

    /** Seconds since it was added; any thread. */
    public long seconds(long nowNanos) {
        return usage.seconds(nowNanos);
    }

    /** Inner packets that were protected, or received and new; any thread. */
    public long packets() {
        return usage.packets();
    }

    /** Bytes of these. */
    public long bytes() {
        return usage.bytes();
    }

    /** Received packets that were replayed or behind the window; any thread. */
    public long replayedPackets() {
        return replayed.get();
    }

    /** Received packets that were not authentic; any thread. */
    public long forgedPackets() {
        return forged.get();
    }

    /** Sequence number of the newest packet, sent or received; any thread. */
    public long lastSequence() {
        return spec.isOutbound() ? sequence.get() : window.top();
    }

    /** Whether it has reached a hard limit; any thread. */
    public boolean isExpired() {
        return usage.isExpired();
    }

    /** Wipes the key; no path may refer to it any more. */
    @Override
    public void close() {
        ciphers.close();
    }

    @Override
    public String toString() {
        return "security association 0x" + Integer.toHexString(spec.spi());
    }
}
