package io.culvert.pipeline;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.culvert.linux.tun.ProtocolHeader;
import io.culvert.tunnel.InnerDevice;
import io.culvert.tunnel.Slot;
import io.culvert.wire.EtherType;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a tunnel's device has in front of a packet: the virtio-net header, and where it names protocols, a
 * {@link ProtocolHeader} in front of that.
 */
final class InnerHeader {

    /** Bytes in front of a packet at most. */
    static final int MAX_LENGTH = ProtocolHeader.LENGTH + VirtioHeader.LENGTH;

    private InnerHeader() {}

    static int length(InnerDevice device) {
        return device.namesProtocols() ? MAX_LENGTH : VirtioHeader.LENGTH;
    }

    /** Takes what is in front of a packet that was read to {@link Slot#HEADROOM} into the slot. */
    static void load(Slot slot, InnerDevice device) {
        VirtioHeader.load(slot, Slot.HEADROOM - VirtioHeader.LENGTH);
        if (device.namesProtocols()) {
            int field = Slot.HEADROOM - MAX_LENGTH + ProtocolHeader.PROTOCOL_OFFSET;
            int protocol = slot.buffer.getShort(field, BIG_ENDIAN) & 0xffff;
            slot.etherType = protocol == EtherType.IPV4 || protocol == EtherType.IPV6 ? 0 : protocol;
        }
    }

    /** Writes what the device has in front of the slot's packet; returns its length. */
    static int store(Slot slot, InnerDevice device) {
        VirtioHeader.store(slot, slot.offset);
        if (!device.namesProtocols()) {
            return VirtioHeader.LENGTH;
        }
        storeProtocol(slot.buffer, slot.offset, slot.etherType);
        return MAX_LENGTH;
    }

    /** @param etherType 0 of an IP packet */
    static void storeProtocol(UnsafeBuffer buffer, int packet, int etherType) {
        int ip = (buffer.getByte(packet) & 0xf0) == 0x40 ? EtherType.IPV4 : EtherType.IPV6;
        // Flags and protocol are two bytes each; no flag is written.
        buffer.putInt(packet - MAX_LENGTH, etherType == 0 ? ip : etherType, BIG_ENDIAN);
    }
}
