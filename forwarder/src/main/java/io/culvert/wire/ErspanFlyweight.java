package io.culvert.wire;

import static java.nio.ByteOrder.BIG_ENDIAN;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * View of an ERSPAN header of type II or III, draft-foschiano-erspan-03 sections 4.2 and 4.3, which stands between a GRE
 * header and a mirrored Ethernet frame. Type I has none.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-----------------------+-----+---+-+-------------------+
 * |  Ver  |          VLAN         | COS |En |T|    Session ID     |
 * +-------+---------------+-------+-----+---+-+-------------------+
 * |      Reserved         |                 Index                 |  type II, Ver 1
 * +-----------------------+---------------------------------------+
 *
 * |                           Timestamp                           |  type III, Ver 2; En is called BSO
 * +-------------------------------+-+---------+-----------+-+---+-+
 * |              SGT              |P|   FT    |   Hw ID   |D|Gra|O|
 * +-------------------------------+-+---------+-----------+-+---+-+
 * |          Platform specific subheader, 8 bytes (if O)          |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ErspanFlyweight {
    /** Of type II, bytes. */
    public static final int LENGTH_II = 8;
    /** Of type III without subheader, bytes. */
    public static final int LENGTH_III = 12;

    /** Version of type II. */
    public static final int VERSION_II = 1;
    /** Version of type III. */
    public static final int VERSION_III = 2;

    /** Largest session ID. */
    public static final int MAX_SESSION = 0x3ff;
    /** Largest index. */
    public static final int MAX_INDEX = 0xf_ffff;
    /** Largest hardware ID. */
    public static final int MAX_HARDWARE = 0x3f;

    /** En: the frame's tag, of which VLAN is a copy, stands in the frame. */
    public static final int TAG_IN_FRAME = 3;

    /** Where the half word with En, or BSO, is, and its bits there. */
    public static final int SESSION_OFFSET = 2;

    public static final int ENCAPSULATION_SHIFT = 11;
    public static final int ENCAPSULATION_MASK = 0x3 << ENCAPSULATION_SHIFT;

    private static final int SUBHEADER_LENGTH = 8;
    private static final int VERSION_AND_VLAN = 0;
    private static final int INDEX_OR_TIMESTAMP = 4;
    private static final int FLAGS = 10;
    private static final int VLAN_MASK = 0xfff;
    private static final int TRUNCATED = 0x0400;
    private static final int IP_FRAME = 0x8000;
    private static final int EGRESS = 0x0008;
    private static final int SUBHEADER = 0x0001;

    private MutableDirectBuffer buffer = Unwrapped.BUFFER;
    private int offset;

    /** Points this view at a header; looks at no byte. */
    public ErspanFlyweight wrap(MutableDirectBuffer buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
        return this;
    }

    /**
     * Checks the version and that the header, as long as version and O flag make it, is available.
     *
     * @return {@link Malformed#NONE}: no getter leaves [offset, offset + available)
     */
    public static int validate(DirectBuffer buffer, int offset, int available) {
        if (available < LENGTH_II) {
            return Malformed.TRUNCATED;
        }
        int version = (buffer.getByte(offset) & 0xf0) >>> 4;
        if (version == VERSION_II) {
            return Malformed.NONE;
        }
        if (version != VERSION_III) {
            return Malformed.BAD_VERSION;
        }
        if (available < LENGTH_III) {
            return Malformed.TRUNCATED;
        }
        return available < lengthIii(buffer, offset) ? Malformed.TRUNCATED : Malformed.NONE;
    }

    private static int lengthIii(DirectBuffer buffer, int offset) {
        boolean hasSubheader = (buffer.getShort(offset + FLAGS, BIG_ENDIAN) & SUBHEADER) != 0;
        return hasSubheader ? LENGTH_III + SUBHEADER_LENGTH : LENGTH_III;
    }

    /** {@link #VERSION_II} or {@link #VERSION_III}. */
    public int version() {
        return (buffer.getByte(offset) & 0xf0) >>> 4;
    }

    /** Bytes. */
    public int headerLength() {
        return version() == VERSION_II ? LENGTH_II : lengthIii(buffer, offset);
    }

    /** Identifier of the mirrored frame's tag. */
    public int vlan() {
        return buffer.getShort(offset + VERSION_AND_VLAN, BIG_ENDIAN) & VLAN_MASK;
    }

    /** Class of service, 0 to 7. */
    public int classOfService() {
        return (session() >>> 13) & 0x7;
    }

    /** Field En of type II, BSO of type III. */
    public int encapsulation() {
        return (session() & ENCAPSULATION_MASK) >>> ENCAPSULATION_SHIFT;
    }

    /** Whether the frame was cut. */
    public boolean isTruncated() {
        return (session() & TRUNCATED) != 0;
    }

    /** Whose frames these are, 0 to 1023. */
    public int sessionId() {
        return session() & MAX_SESSION;
    }

    /** Type II only. */
    public int index() {
        return buffer.getInt(offset + INDEX_OR_TIMESTAMP, BIG_ENDIAN) & MAX_INDEX;
    }

    /** Type III only. */
    public int timestamp() {
        return buffer.getInt(offset + INDEX_OR_TIMESTAMP, BIG_ENDIAN);
    }

    /** Type III only. */
    public int hardwareId() {
        return (buffer.getShort(offset + FLAGS, BIG_ENDIAN) >>> 4) & MAX_HARDWARE;
    }

    /** Whether the frame was leaving where it was mirrored; type III only. */
    public boolean isEgress() {
        return (buffer.getShort(offset + FLAGS, BIG_ENDIAN) & EGRESS) != 0;
    }

    private int session() {
        return buffer.getShort(offset + SESSION_OFFSET, BIG_ENDIAN) & 0xffff;
    }

    /** Writes version and VLAN. Puts {@link #validate} in doubt. */
    public ErspanFlyweight versionAndVlan(int version, int vlan) {
        buffer.putShort(offset + VERSION_AND_VLAN, (short) (version << 12 | (vlan & VLAN_MASK)), BIG_ENDIAN);
        return this;
    }

    /** Writes the second half of the first word. */
    public ErspanFlyweight session(int sessionId, int classOfService, int encapsulation, boolean isTruncated) {
        int bits =
                classOfService << 13 | encapsulation << ENCAPSULATION_SHIFT | (isTruncated ? TRUNCATED : 0) | sessionId;
        buffer.putShort(offset + SESSION_OFFSET, (short) bits, BIG_ENDIAN);
        return this;
    }

    /** Type II only. */
    public ErspanFlyweight index(int index) {
        buffer.putInt(offset + INDEX_OR_TIMESTAMP, index & MAX_INDEX, BIG_ENDIAN);
        return this;
    }

    /** Type III only. */
    public ErspanFlyweight timestamp(int timestamp) {
        buffer.putInt(offset + INDEX_OR_TIMESTAMP, timestamp, BIG_ENDIAN);
        return this;
    }

    /** Type III only: of an Ethernet frame, with a timestamp of units of 100 microseconds, without subheader. */
    public ErspanFlyweight origin(int hardwareId, boolean isEgress) {
        int bits = IP_FRAME | (hardwareId & MAX_HARDWARE) << 4 | (isEgress ? EGRESS : 0);
        buffer.putShort(offset + FLAGS, (short) bits, BIG_ENDIAN);
        return this;
    }

    /** Where the frame starts in the buffer. */
    public int payloadOffset() {
        return offset + headerLength();
    }

    /** One line: {@code ERSPAN II, session 7, vlan 0, index 123, truncated}. */
    public StringBuilder appendTo(StringBuilder text) {
        text.append("ERSPAN ").append(version() == VERSION_II ? "II" : "III");
        text.append(", session ").append(sessionId()).append(", vlan ").append(vlan());
        if (version() == VERSION_II) {
            text.append(", index ").append(index());
        } else {
            text.append(", hwid ").append(hardwareId()).append(isEgress() ? ", egress" : ", ingress");
        }
        return isTruncated() ? text.append(", truncated") : text;
    }
}
