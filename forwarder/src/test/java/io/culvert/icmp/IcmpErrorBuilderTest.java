package io.culvert.icmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Allocations;
import io.culvert.testing.Hex;
import io.culvert.testing.SeededCases;
import io.culvert.testing.Tshark;
import io.culvert.wire.Icmpv4Flyweight;
import io.culvert.wire.Icmpv6Flyweight;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.Ipv4Flyweight;
import io.culvert.wire.Ipv6Flyweight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

final class IcmpErrorBuilderTest {
    /** UDP from 192.0.2.1 to 198.51.100.2, DF. */
    private static final byte[] SMALL_IPV4 =
            Hex.bytes("4500 001d 1234 4000 4011 3c65 c000 0201 c633 6402 c000 0035 0009 0000 61");

    /** UDP from 2001:db8::1 to 2001:db8::2. */
    private static final byte[] SMALL_IPV6 = Hex.bytes("""
        6b91 2345 0009 1140
        2001 0db8 0000 0000 0000 0000 0000 0001
        2001 0db8 0000 0000 0000 0000 0000 0002
        c000 0035 0009 0001 61\
        """);

    private static final long DOCUMENTATION = 0x2001_0db8_0000_0000L;
    private static final int HOST = 0xc0000201;

    private final IcmpErrorBuilder builder = new IcmpErrorBuilder();
    private final UnsafeBuffer target = new UnsafeBuffer(new byte[1500]);

    @Test
    void buildsFragmentationNeeded() {
        byte[] expected = Hex.bytes(
                "45c0 0039 0000 4000 4001 4dcd c633 6402 c000 0201 0304 d5f8 0000 05c4" + Hex.text(SMALL_IPV4));
        int length =
                builder.fragmentationNeeded(new UnsafeBuffer(SMALL_IPV4), 0, SMALL_IPV4.length, 1476, prefilled(), 3);

        assertThat(written(3, length)).isEqualTo(Hex.text(expected));
        assertThatNothingElseIsWritten(3, length);
    }

    @Test
    void buildsPacketTooBig() {
        String expected = """
            6000 0000 0039 3a40
            2001 0db8 0000 0000 0000 0000 0000 0002
            2001 0db8 0000 0000 0000 0000 0000 0001
            0200 7f7e 0000 05c4\
            """;
        int length = builder.packetTooBig(new UnsafeBuffer(SMALL_IPV6), 0, SMALL_IPV6.length, 1476, prefilled(), 3);

        assertThat(written(3, length)).isEqualTo(Hex.text(Hex.bytes(expected + Hex.text(SMALL_IPV6))));
        assertThatNothingElseIsWritten(3, length);
    }

    @Test
    void buildsAddressUnreachable() {
        UnsafeBuffer packet = new UnsafeBuffer(SMALL_IPV6);
        int length = builder.addressUnreachable(packet, 0, SMALL_IPV6.length, target, 0);
        Ipv6Flyweight ip = new Ipv6Flyweight().wrap(target, 0);
        Icmpv6Flyweight icmp = new Icmpv6Flyweight().wrap(target, 40);

        assertThat(length).isEqualTo(48 + SMALL_IPV6.length);
        assertThat(icmp.type()).isEqualTo(Icmpv6Flyweight.DESTINATION_UNREACHABLE);
        assertThat(icmp.code()).isEqualTo(3);
        assertThat(target.getInt(44)).isZero();
        assertThat(icmp.isChecksumValid(ip.pseudoHeader(IpProtocol.ICMPV6, length - 40), length - 40))
                .isTrue();
    }

    @Test
    void buildsHostUnreachable() {
        UnsafeBuffer packet = new UnsafeBuffer(SMALL_IPV4);
        Icmpv4Flyweight icmp = new Icmpv4Flyweight().wrap(target, 20);

        assertThat(builder.hostUnreachable(packet, 0, SMALL_IPV4.length, target, 0))
                .isEqualTo(57);
        assertThat(icmp.type()).isEqualTo(Icmpv4Flyweight.DESTINATION_UNREACHABLE);
        assertThat(icmp.code()).isEqualTo(Icmpv4Flyweight.HOST_UNREACHABLE);
        assertThat(target.getInt(24)).isZero();
    }

    @Test
    void quotesNoMoreThanAllowed() {
        for (int length : new int[] {28, 547, 548, 549, 1400}) {
            UnsafeBuffer packet = ipv4(length);
            int error = builder.fragmentationNeeded(packet, 0, length + 6, 1000, target, 0);
            assertThat(error).isEqualTo(Math.min(576, length + 28));
            assertThat(new Ipv4Flyweight().wrap(target, 0).totalLength()).isEqualTo(error);
        }
        for (int length : new int[] {48, 1231, 1232, 1233, 1400}) {
            UnsafeBuffer packet = ipv6(length);
            int error = builder.packetTooBig(packet, 0, length + 6, 1280, target, 0);
            assertThat(error).isEqualTo(Math.min(1280, length + 48));
            assertThat(new Ipv6Flyweight().wrap(target, 0).totalLength()).isEqualTo(error);
        }
    }

    @Test
    void buildsOverThePacketItself() {
        SeededCases.check(500, random -> {
            int length = random.nextInt(48, 1400);
            int shift = random.nextInt(-48, 49);
            UnsafeBuffer apart = new UnsafeBuffer(new byte[1500]);
            UnsafeBuffer slot = new UnsafeBuffer(new byte[1600]);
            UnsafeBuffer packet = ipv4(length);
            slot.putBytes(50, packet, 0, length);
            int error = builder.hostUnreachable(packet, 0, length, apart, 0);
            assertThat(builder.hostUnreachable(slot, 50, length, slot, 50 + shift))
                    .isEqualTo(error);
            assertThat(Arrays.copyOfRange(slot.byteArray(), 50 + shift, 50 + shift + error))
                    .isEqualTo(Arrays.copyOf(apart.byteArray(), error));

            packet = ipv6(length);
            slot.putBytes(50, packet, 0, length);
            error = builder.packetTooBig(packet, 0, length, 1280, apart, 0);
            assertThat(builder.packetTooBig(slot, 50, length, 1280, slot, 50 + shift))
                    .isEqualTo(error);
            assertThat(Arrays.copyOfRange(slot.byteArray(), 50 + shift, 50 + shift + error))
                    .isEqualTo(Arrays.copyOf(apart.byteArray(), error));
        });
    }

    @Test
    void refusesToAnswerIcmpv4Errors() {
        for (int type = 0; type < 256; type++) {
            UnsafeBuffer packet = ipv4(100);
            new Ipv4Flyweight().wrap(packet, 0).protocol(IpProtocol.ICMP).updateChecksum();
            packet.putByte(20, (byte) type);
            boolean isError = List.of(3, 4, 5, 11, 12).contains(type);
            assertThat(builder.hostUnreachable(packet, 0, 100, target, 0) == 0)
                    .as("type %d", type)
                    .isEqualTo(isError);
        }
        UnsafeBuffer noType = ipv4(20);
        new Ipv4Flyweight().wrap(noType, 0).protocol(IpProtocol.ICMP).updateChecksum();
        assertThat(builder.hostUnreachable(noType, 0, 20, target, 0)).isZero();
    }

    @Test
    void refusesToAnswerIcmpv6ErrorsEvenBehindExtensionHeaders() {
        for (int type = 0; type < 256; type++) {
            UnsafeBuffer packet = ipv6(100);
            new Ipv6Flyweight().wrap(packet, 0).nextHeader(IpProtocol.ICMPV6);
            packet.putByte(40, (byte) type);
            boolean isError = type < 128 || type == 137;
            assertThat(builder.packetTooBig(packet, 0, 100, 1280, target, 0) == 0)
                    .as("type %d", type)
                    .isEqualTo(isError);

            new Ipv6Flyweight().wrap(packet, 0).nextHeader(IpProtocol.DESTINATION_OPTIONS);
            packet.putBytes(40, Hex.bytes("3a00 0104 0000 0000"));
            packet.putByte(48, (byte) type);
            assertThat(builder.packetTooBig(packet, 0, 100, 1280, target, 0) == 0)
                    .as("type %d behind destination options", type)
                    .isEqualTo(isError);
        }
        UnsafeBuffer noType = ipv6(40);
        new Ipv6Flyweight().wrap(noType, 0).nextHeader(IpProtocol.ICMPV6);
        assertThat(builder.packetTooBig(noType, 0, 40, 1280, target, 0)).isZero();
    }

    @Test
    void answersFirstFragmentsOnly() {
        UnsafeBuffer packet = ipv4(100);
        Ipv4Flyweight ip = new Ipv4Flyweight().wrap(packet, 0);
        ip.flagsAndFragmentOffset(Ipv4Flyweight.MORE_FRAGMENTS).updateChecksum();
        assertThat(builder.hostUnreachable(packet, 0, 100, target, 0)).isPositive();
        ip.flagsAndFragmentOffset(1).updateChecksum();
        assertThat(builder.hostUnreachable(packet, 0, 100, target, 0)).isZero();

        UnsafeBuffer packet6 = ipv6(100);
        new Ipv6Flyweight().wrap(packet6, 0).nextHeader(IpProtocol.FRAGMENT);
        packet6.putBytes(40, Hex.bytes("1100 0001 0000 0001"));
        assertThat(builder.packetTooBig(packet6, 0, 100, 1280, target, 0)).isPositive();
        packet6.putBytes(40, Hex.bytes("1100 0008 0000 0001"));
        assertThat(builder.packetTooBig(packet6, 0, 100, 1280, target, 0)).isZero();
    }

    @Test
    void answersHostsOnly() {
        int[] noHosts = {0, 0x00ffffff, 0x7f000001, 0x7fffffff, 0xe0000001, 0xefffffff, 0xf0000000, 0xffffffff};
        int[] hosts = {0x01000000, 0x7effffff, 0x80000000, 0xdfffffff, HOST};
        UnsafeBuffer packet = ipv4(100);
        Ipv4Flyweight ip = new Ipv4Flyweight().wrap(packet, 0);
        for (int address : noHosts) {
            ip.source(address).destination(HOST).updateChecksum();
            assertThat(builder.hostUnreachable(packet, 0, 100, target, 0))
                    .as("from %08x", address)
                    .isZero();
            ip.source(HOST).destination(address).updateChecksum();
            assertThat(builder.hostUnreachable(packet, 0, 100, target, 0))
                    .as("to %08x", address)
                    .isZero();
        }
        for (int address : hosts) {
            ip.source(address).destination(address).updateChecksum();
            assertThat(builder.hostUnreachable(packet, 0, 100, target, 0))
                    .as("%08x", address)
                    .isPositive();
        }
    }

    @Test
    void answersIpv6HostsOnly() {
        long[][] noHosts = {{0, 0}, {0, 1}, {0xff02_0000_0000_0000L, 1}, {0xffff_ffff_ffff_ffffL, -1}};
        long[][] hosts = {{0, 2}, {1, 0}, {0xfe80_0000_0000_0000L, 1}, {DOCUMENTATION, 0}};
        UnsafeBuffer packet = ipv6(100);
        Ipv6Flyweight ip = new Ipv6Flyweight().wrap(packet, 0);
        for (long[] address : noHosts) {
            ip.source(address[0], address[1]).destination(DOCUMENTATION, 2);
            assertThat(builder.packetTooBig(packet, 0, 100, 1280, target, 0)).isZero();
            ip.source(DOCUMENTATION, 1).destination(address[0], address[1]);
            assertThat(builder.packetTooBig(packet, 0, 100, 1280, target, 0)).isZero();
        }
        for (long[] address : hosts) {
            ip.source(address[0], address[1]).destination(address[0], address[1]);
            assertThat(builder.packetTooBig(packet, 0, 100, 1280, target, 0)).isPositive();
        }
    }

    @Test
    void refusesMalformedPackets() {
        for (int length = 0; length < SMALL_IPV4.length; length++) {
            UnsafeBuffer cut = new UnsafeBuffer(Arrays.copyOf(SMALL_IPV4, length));
            assertThat(builder.hostUnreachable(cut, 0, length, target, 0)).isZero();
        }
        for (int length = 0; length < SMALL_IPV6.length; length++) {
            UnsafeBuffer cut = new UnsafeBuffer(Arrays.copyOf(SMALL_IPV6, length));
            assertThat(builder.packetTooBig(cut, 0, length, 1280, target, 0)).isZero();
        }
        UnsafeBuffer badChecksum = ipv4(100);
        badChecksum.putByte(8, (byte) 1);
        assertThat(builder.hostUnreachable(badChecksum, 0, 100, target, 0)).isZero();

        UnsafeBuffer badExtension = ipv6(40);
        new Ipv6Flyweight().wrap(badExtension, 0).nextHeader(IpProtocol.DESTINATION_OPTIONS);
        assertThat(builder.packetTooBig(badExtension, 0, 40, 1280, target, 0)).isZero();
    }

    @Test
    void tsharkFindsTheErrorsSound() {
        Tshark.require();
        List<byte[]> errors = new ArrayList<>();
        for (int size = 28; size < 1400; size += 9) {
            int ipv4 = builder.fragmentationNeeded(ipv4(size), 0, size, size - 1, target, 0);
            errors.add(Arrays.copyOf(target.byteArray(), ipv4));
            int ipv6 = builder.packetTooBig(ipv6(size + 20), 0, size + 20, 1280 + size, target, 0);
            errors.add(Arrays.copyOf(target.byteArray(), ipv6));
        }
        List<List<String>> found = Tshark.fields(
                errors,
                List.of("icmp.type", "icmp.code", "icmp.mtu", "icmp.checksum.status", "ip.checksum.status", "ip.src"));
        List<List<String>> found6 =
                Tshark.fields(errors, List.of("icmpv6.type", "icmpv6.mtu", "icmpv6.checksum.status", "ipv6.src"));

        assertThat(found).hasSameSizeAs(errors);
        for (int i = 0; i < errors.size(); i += 2) {
            int size = 28 + i / 2 * 9;
            assertThat(found.get(i))
                    .containsExactly("3", "4", Integer.toString(size - 1), "1", "1,1", "198.51.100.2,192.0.2.1");
            assertThat(found6.get(i + 1))
                    .containsExactly("2", Integer.toString(1280 + size), "1", "2001:db8::2,2001:db8::1");
        }

        errors.forEach(error -> error[30] ^= 1);
        for (List<String> spoilt : Tshark.fields(errors, List.of("icmp.checksum.status", "icmpv6.checksum.status"))) {
            assertThat(spoilt).doesNotContain(Tshark.GOOD);
        }
    }

    @Test
    void allocatesNothing() {
        UnsafeBuffer ipv4 = ipv4(1000);
        UnsafeBuffer ipv6 = ipv6(1000);

        assertThat(Allocations.inBytes(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        builder.fragmentationNeeded(ipv4, 0, 1000, 900, target, 0);
                        builder.packetTooBig(ipv6, 0, 1000, 1280, target, 0);
                    }
                }))
                .isZero();
    }

    private static UnsafeBuffer ipv4(int length) {
        UnsafeBuffer packet = new UnsafeBuffer(new byte[length + 6]);
        new Ipv4Flyweight()
                .wrap(packet, 0)
                .headerLength(20)
                .totalLength(length)
                .ttl(64)
                .protocol(IpProtocol.UDP)
                .source(HOST)
                .destination(0xc6336402)
                .updateChecksum();
        for (int i = 28; i < length; i++) {
            packet.putByte(i, (byte) i);
        }
        return packet;
    }

    private static UnsafeBuffer ipv6(int length) {
        UnsafeBuffer packet = new UnsafeBuffer(new byte[length + 6]);
        new Ipv6Flyweight()
                .wrap(packet, 0)
                .trafficClass(0)
                .payloadLength(length - 40)
                .nextHeader(IpProtocol.UDP)
                .hopLimit(64)
                .source(DOCUMENTATION, 1)
                .destination(DOCUMENTATION, 2);
        for (int i = 48; i < length; i++) {
            packet.putByte(i, (byte) i);
        }
        return packet;
    }

    private UnsafeBuffer prefilled() {
        target.setMemory(0, target.capacity(), (byte) 0xa5);
        return target;
    }

    private String written(int offset, int length) {
        return Hex.text(Arrays.copyOfRange(target.byteArray(), offset, offset + length));
    }

    private void assertThatNothingElseIsWritten(int offset, int length) {
        for (int i = 0; i < target.capacity(); i++) {
            if (i < offset || i >= offset + length) {
                assertThat(target.getByte(i)).isEqualTo((byte) 0xa5);
            }
        }
    }
}
