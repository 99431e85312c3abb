package io.culvert.pipeline;

import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SecurityAssociation;
import io.culvert.testing.Hex;
import io.culvert.tunnel.ErspanOptions;
import io.culvert.tunnel.L2tpCookie;
import io.culvert.tunnel.L2tpOptions;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Packets;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.SitOptions;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import io.culvert.tunnel.UdpEncap;
import io.culvert.wire.IpProtocol;
import io.culvert.wire.MinimalEncapsulationFlyweight;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One way in which a mode's packets look on the wire: a sound one, and what is wrong with others, each with the word of its
 * drop reason. {@link #of} has them for every mode: the switch there does not compile while one has none.
 */
final class HostileMode {

    /** What a tunnel carries, by which a test knows what may be wrong with it. */
    enum Inner {
        IPV4,
        IPV6,
        FRAME,
        PPP,
        /** IPv4 whose header is put together by decapsulation. */
        REBUILT
    }

    static final InetAddress LOCAL = InetAddress.ofLiteral("2001:db8:ffff::1");
    static final InetAddress REMOTE = InetAddress.ofLiteral("2001:db8:ffff::2");
    static final int PORT = 5555;

    private static final int SPORT = 4444;
    private static final int SPI = 0x1001;
    private static final byte[] DATA = Packets.udp(0, Packets.data(13));
    static final byte[] IPV4 = Packets.ipv4().payload(DATA).build();
    static final byte[] IPV6 = Packets.ipv6().payload(DATA).build();
    private static final byte[] FRAME = Packets.followedBy(Hex.bytes("020000000022 020000000021 0800"), IPV4);
    private static final byte[] PPP = Hex.bytes("ff03 c021 0105 0008 0305 c223");

    final String name;
    final Mode mode;
    final Inner inner;
    final int protocol;

    /** Of what the tunnel carries, what stands behind the outer IP header and UDP. */
    final UnaryOperator<byte[]> shim;

    /** Bytes that it puts in front. */
    final int shimLength;

    /** What reaches the inside of the sound packet. */
    byte[] restored;

    /** A pattern of what becomes of a packet of which so many bytes behind the outer header are left. */
    IntFunction<String> cut;

    /** What becomes of a packet from nobody's address, from one that is none, and to another host. */
    String stranger = "no_tunnel";

    String martian = "no_tunnel";
    String elsewhere = "IGNORE";

    /** What becomes of a packet that comes again; empty if numbers are not looked at. */
    String replayed = "";

    /** What may be wrong in the mode's own header, with the reason as the last word, and what is behind the outer one then. */
    final Map<String, byte[]> faults = new LinkedHashMap<>();

    private final Supplier<TunnelSpecBuilder> spec;
    private UdpEncap.Kind encap;

    private HostileMode(
            String name,
            Mode mode,
            Inner inner,
            int protocol,
            int shimLength,
            UnaryOperator<byte[]> shim,
            Supplier<TunnelSpecBuilder> spec) {
        this.name = name;
        this.mode = mode;
        this.inner = inner;
        this.protocol = protocol;
        this.shim = shim;
        this.shimLength = shimLength;
        this.spec = spec;
        cut = _ -> "inner_malformed";
        restored = carried();
    }

    /** All that a mode has; those of ESP read their keys there. */
    static List<HostileMode> of(Mode mode, Path directory) {
        List<HostileMode> bare = switch (mode) {
            case IPIP, IPIP6 -> List.of(bare(mode, Inner.IPV4));
            case SIT, IP6IP6 -> List.of(bare(mode, Inner.IPV6));
            case ANY6 -> List.of(bare(mode, Inner.IPV4), bare(mode, Inner.IPV6));
            case ISATAP -> List.of(isatap());
            case MINENC -> List.of(minenc(true), minenc(false), bare(mode, Inner.IPV4));
            case GRE, IP6GRE ->
                List.of(
                        gre(mode, Inner.IPV4, 0x0800, 0),
                        gre(mode, Inner.IPV6, 0x86dd, 0),
                        gre(mode, Inner.IPV4, 0x0800, 0xb000));
            case GRETAP, IP6GRETAP ->
                List.of(gre(mode, Inner.FRAME, 0x6558, 0), gre(mode, Inner.FRAME, 0x6558, 0xb000));
            case ERSPAN, IP6ERSPAN -> List.of(erspan(mode, 1), erspan(mode, 2));
            case L2TP, IP6L2TP -> List.of(l2tp(mode, Inner.FRAME), l2tp(mode, Inner.PPP));
            case PPTP -> List.of(pptp());
            case VTI, VTI6 ->
                List.of(
                        esp(mode, Inner.IPV4, EspTransform.AES_GCM, directory),
                        esp(mode, Inner.IPV6, EspTransform.AES_CBC_HMAC_SHA256, directory));
        };
        return Stream.concat(bare.stream(), bare.stream().flatMap(HostileMode::inUdp))
                .toList();
    }

    private static TunnelSpecBuilder base(Mode mode) {
        return mode.isOuterIpv6() ? TunnelSpec.builder("t1", mode).local(LOCAL).remote(REMOTE) : TestTunnels.spec(mode);
    }

    /** The same in each kind of UDP that the mode may have. */
    private Stream<HostileMode> inUdp() {
        return Arrays.stream(UdpEncap.Kind.values())
                .filter(kind -> base().encap(new UdpEncap(kind, PORT, PORT, false))
                        .build()
                        .problems()
                        .isEmpty())
                .map(kind -> {
                    HostileMode other =
                            new HostileMode(name + " " + kind.word(), mode, inner, protocol, shimLength, shim, spec);
                    other.encap = kind;
                    other.cut = cut;
                    other.restored = restored;
                    other.stranger = stranger;
                    other.martian = martian;
                    other.replayed = replayed;
                    other.faults.putAll(faults);
                    return other;
                });
    }

    private TunnelSpecBuilder base() {
        return spec.get();
    }

    /** The tunnel that takes it. */
    TunnelSpecBuilder spec() {
        return encap == null ? base() : base().encap(new UdpEncap(encap, PORT, PORT, false));
    }

    /** UDP and what is behind it, if it has that. */
    UdpEncap.Kind encap() {
        return encap;
    }

    /** Bytes between outer header and shim. */
    int encapLength() {
        return encap == null ? 0 : encap == UdpEncap.Kind.FOU ? 8 : 12;
    }

    /** What the tunnel carries in the sound packet. */
    byte[] carried() {
        return switch (inner) {
            case IPV4, REBUILT -> IPV4;
            case IPV6 -> IPV6;
            case FRAME -> FRAME;
            case PPP -> PPP;
        };
    }

    /** Behind the outer header of the sound packet, without UDP. */
    byte[] payload() {
        return shim.apply(carried());
    }

    /** Puts UDP in front of a payload if it has that. */
    byte[] inUdp(byte[] payload) {
        if (encap == null) {
            return payload;
        }
        String behind = switch (encap) {
            case FOU -> "";
            case GUE -> String.format("00%02x0000", protocol);
            case L2TP -> "00030000";
        };
        byte[] whole = Packets.followedBy(Hex.bytes(behind), payload);
        return udp(whole.length + 8, whole);
    }

    static byte[] udp(int length, byte[] payload) {
        return Packets.followedBy(Hex.bytes(String.format("%04x%04x%04x0000", SPORT, PORT, length)), payload);
    }

    int outerProtocol() {
        return encap == null ? protocol : IpProtocol.UDP;
    }

    /** The outer packet around a payload, from the peer to this end. */
    byte[] outer(byte[] payload) {
        return outer(outerProtocol(), inUdp(payload));
    }

    byte[] outer(int outerProtocol, byte[] behind) {
        return mode.isOuterIpv6()
                ? ipv6(outerProtocol, behind).build()
                : Packets.outer(outerProtocol, behind).build();
    }

    static Packets.Ipv6 ipv6(int nextHeader, byte[] payload) {
        return Packets.ipv6()
                .source(0x2001_0db8_ffff_0000L, 2)
                .destination(0x2001_0db8_ffff_0000L, 1)
                .nextHeader(nextHeader)
                .payload(payload);
    }

    int outerLength() {
        return mode.isOuterIpv6() ? 40 : 20;
    }

    private HostileMode fault(String what, String reason, byte[] payload) {
        faults.put(what + " > " + reason, payload);
        return this;
    }

    /** A byte of the payload changed. */
    private HostileMode fault(String what, String reason, int index, int value) {
        return fault(what, reason, Packets.with(payload(), index, value));
    }

    private static HostileMode bare(Mode mode, Inner inner) {
        int protocol = inner == Inner.IPV4 ? IpProtocol.IPV4 : IpProtocol.IPV6;
        return new HostileMode(
                mode.word() + " " + inner, mode, inner, protocol, 0, UnaryOperator.identity(), () -> base(mode));
    }

    /** A potential router may send from any address, so nothing of the inner one is said here. */
    private static HostileMode isatap() {
        InetAddress router = TestTunnels.address(Packets.REMOTE);
        HostileMode isatap = new HostileMode(
                "isatap",
                Mode.ISATAP,
                Inner.IPV6,
                IpProtocol.IPV6,
                0,
                UnaryOperator.identity(),
                () -> base(Mode.ISATAP).remote(null).sit(SitOptions.DEFAULT.withPrl(List.of(), List.of(router))));
        isatap.stranger = "spoofed_source";
        isatap.martian = "outer_source";
        isatap.fault(
                "extension headers beyond the end",
                "inner_malformed",
                Packets.ipv6()
                        .nextHeader(60)
                        .payload(Hex.bytes("3a02010400000000"))
                        .build());
        return isatap.fault(
                "17 extension headers",
                "inner_malformed",
                Packets.ipv6()
                        .nextHeader(60)
                        .payload(Hex.bytes("3c00010400000000".repeat(16) + "3a00010400000000"))
                        .build());
    }

    private static byte[] minimal(byte[] packet, boolean hasSource, int source, int destination) {
        int header = hasSource ? 12 : 8;
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[header + packet.length - 20]);
        MinimalEncapsulationFlyweight shim = new MinimalEncapsulationFlyweight()
                .wrap(buffer, 0)
                .protocol(packet[9])
                .hasSource(hasSource)
                .originalDestination(destination);
        if (hasSource) {
            shim.originalSource(source);
        }
        shim.updateChecksum();
        buffer.putBytes(header, packet, 20, packet.length - 20);
        return buffer.byteArray();
    }

    private static HostileMode minenc(boolean hasSource) {
        int header = hasSource ? 12 : 8;
        HostileMode minenc = new HostileMode(
                "minenc" + (hasSource ? " with source" : ""),
                Mode.MINENC,
                Inner.REBUILT,
                Mode.MINENC.protocol(),
                header,
                packet -> minimal(packet, hasSource, 0xc0000201, 0xc6336407),
                () -> base(Mode.MINENC));
        minenc.restored = hasSource
                ? IPV4
                : Packets.ipv4().source(Packets.REMOTE).payload(DATA).build();
        minenc.cut = length -> length < header ? "minenc_malformed" : "FORWARD";
        minenc.fault("checksum", "minenc_checksum", 3, ~minenc.payload()[3]);
        minenc.fault("destination", "martian", minimal(IPV4, hasSource, 0xc0000201, 0x7f000001));
        if (hasSource) {
            for (int source : new int[] {0, 0x7f000001, 0xe0000001, 0xffffffff}) {
                minenc.fault("source " + source, "martian", minimal(IPV4, true, source, 0xc6336407));
            }
        }
        return minenc;
    }

    /** @param options C, K and S as on the wire: all or none */
    private static HostileMode gre(Mode mode, Inner inner, int protocol, int options) {
        boolean all = options != 0;
        UnaryOperator<byte[]> shim = carried -> Packets.gre()
                .checksum(all)
                .key(all ? 7 : null)
                .sequence(all ? 5 : null)
                .protocol(protocol)
                .payload(carried)
                .build();
        int header = all ? 16 : 4;
        HostileMode gre = new HostileMode(
                mode.word() + " " + inner + (all ? " key csum seq" : ""),
                mode,
                inner,
                IpProtocol.GRE,
                header,
                shim,
                () -> {
                    TunnelSpecBuilder spec = base(mode);
                    return all ? spec.key(7).icsum(true).iseq(true) : spec;
                });
        gre.cut = length -> length < header
                ? "gre_malformed"
                : all ? "csum_bad" : inner == Inner.FRAME ? cutFrame(length - header) : "inner_malformed";
        gre.replayed = all ? "seq_late" : "";
        greFaults(gre, protocol, options);
        Packets.Gre other = Packets.gre().protocol(protocol).payload(gre.carried());
        if (all) {
            gre.fault("no key", "key_mismatch", other.checksum(true).sequence(5).build());
            gre.fault("another key", "key_mismatch", other.key(8).build());
            gre.fault(
                    "no checksum", "csum_missing", other.key(7).checksum(false).build());
            gre.fault("checksum", "csum_bad", 4, ~gre.payload()[4]);
            gre.fault(
                    "no number",
                    "seq_missing",
                    other.checksum(true).sequence(null).build());
        } else {
            gre.fault("key", "key_mismatch", other.key(0).build());
            gre.fault(
                    "checksum",
                    "csum_unexpected",
                    other.key(null).checksum(true).build());
            String unknown = inner == Inner.FRAME ? "no_tunnel" : "gre_protocol";
            gre.fault(
                    "protocol", unknown, other.checksum(false).protocol(0x1234).build());
            gre.fault("protocol 0", unknown, other.protocol(0).build());
        }
        return gre;
    }

    private static void greFaults(HostileMode gre, int protocol, int options) {
        String second = String.format("%04x", protocol);
        for (int version = 1; version < 8; version++) {
            gre.fault("version " + version, "gre_version", 1, version);
        }
        // Routing, strict source route, recursion control, and flags that version 0 has not.
        for (int bit : new int[] {0x4000, 0x0800, 0x0400, 0x0040, 0x0020, 0x0010, 0x0008}) {
            byte[] flags = Hex.bytes(String.format("%04x%s", options | bit, second));
            byte[] payload = gre.payload();
            System.arraycopy(flags, 0, payload, 0, flags.length);
            gre.fault(String.format("flag %04x", bit), "gre_reserved", payload);
        }
    }

    private static String cutFrame(int length) {
        return length < 14 ? "frame_malformed" : "FORWARD";
    }

    private static HostileMode erspan(Mode mode, int version) {
        String gre = version == 1 ? "100088be00000005" : "100022eb00000005";
        String header = version == 1 ? "1000a23400054321" : "20078a34 11223344 000082a8";
        byte[] shim = Hex.bytes(gre + header);
        HostileMode erspan = new HostileMode(
                mode.word() + " type " + (version + 1),
                mode,
                Inner.FRAME,
                IpProtocol.GRE,
                shim.length,
                frame -> Packets.followedBy(shim, frame),
                () -> base(mode).key(0x234).iseq(true).erspan(new ErspanOptions(version, 0, false, 0)));
        erspan.cut = length -> length < 8
                ? "gre_malformed"
                : length < shim.length ? "erspan_malformed" : cutFrame(length - shim.length);
        erspan.replayed = "seq_late";
        greFaults(erspan, version == 1 ? 0x88be : 0x22eb, 0x1000);
        erspan.fault("version", "erspan_malformed", 8, 0x30);
        erspan.fault("the other type's version", "erspan_malformed", 8, version == 1 ? 0x20 : 0x10);
        erspan.fault("another session", "key_mismatch", 11, 0x35);
        erspan.fault("no session", "key_mismatch", 11, 0);
        erspan.fault("a frame that is no mirrored one", "no_tunnel", Hex.bytes("00006558" + Hex.text(FRAME)));
        return version == 1
                ? erspan.fault("type I", "key_mismatch", Hex.bytes("000088be" + Hex.text(FRAME)))
                : erspan.fault("no number", "seq_missing", Hex.bytes("000022eb" + header + Hex.text(FRAME)));
    }

    private static HostileMode l2tp(Mode mode, Inner inner) {
        byte[] shim = Hex.bytes("00000007 fedcba9876543210 40000005");
        L2tpCookie cookie = L2tpCookie.parse("fedcba9876543210");
        HostileMode l2tp = new HostileMode(
                mode.word() + " " + inner,
                mode,
                inner,
                IpProtocol.L2TP,
                shim.length,
                carried -> Packets.followedBy(shim, carried),
                () -> base(mode)
                        .iseq(true)
                        .l2tp(new L2tpOptions(0, 0, 7, 8, L2tpCookie.NONE, cookie, true, inner == Inner.PPP)));
        l2tp.cut = length -> length < shim.length
                ? "l2tp_malformed"
                : inner == Inner.PPP ? cutPpp(length - shim.length) : cutFrame(length - shim.length);
        l2tp.replayed = "seq_late";
        l2tp.fault("another session", "l2tp_session", 3, 8);
        l2tp.fault("control", "l2tp_control", 3, 0);
        for (int i = 4; i < 12; i++) {
            l2tp.fault("cookie byte " + i, "l2tp_cookie", i, ~shim[i]);
        }
        return l2tp.fault("no number", "seq_missing", 12, 0);
    }

    private static String cutPpp(int length) {
        return length < 2 ? "frame_malformed" : "FORWARD";
    }

    private static HostileMode pptp() {
        HostileMode pptp = new HostileMode(
                "pptp",
                Mode.PPTP,
                Inner.PPP,
                IpProtocol.GRE,
                12,
                frame -> Packets.followedBy(
                        Hex.bytes(String.format("3001880b %04x 0102 00000005", frame.length)), frame),
                () -> base(Mode.PPTP).pptp(new PptpOptions(0x0102, 3)));
        pptp.cut = length -> "gre_malformed";
        pptp.stranger = "gre_version";
        pptp.martian = "gre_version";
        pptp.elsewhere = "gre_version";
        pptp.replayed = "seq_late";
        pptp.fault("another call", "pptp_call", 7, 3);
        pptp.fault("length", "gre_malformed", 5, PPP.length + 1);
        pptp.fault("protocol", "gre_protocol", 2, 8);
        for (int version = 2; version < 8; version++) {
            pptp.fault("version " + version, "gre_version", 1, version);
        }
        pptp.fault("version 0", "no_tunnel", Packets.gre().build());
        for (int bit : new int[] {0x80, 0x40, 0x08, 0x04, 0x02, 0x01}) {
            pptp.fault("flag " + bit, "gre_reserved", 0, 0x30 | bit);
        }
        for (int bit : new int[] {0x40, 0x20, 0x10, 0x08}) {
            pptp.fault("second flag " + bit, "gre_reserved", 1, 1 | bit);
        }
        pptp.fault("no key", "gre_reserved", 0, 0x10);
        pptp.fault("a frame without number", "seq_missing", Hex.bytes("2001880b 0004 0102 c0210105"));
        pptp.fault("acknowledgment without flag", "seq_missing", Hex.bytes("2001880b 0000 0102 00000009"));
        return pptp.fault("acknowledgment beyond the end", "gre_malformed", Hex.bytes("2081880b 0000 0102 0000"));
    }

    private static HostileMode esp(Mode mode, Inner inner, EspTransform transform, Path directory) {
        int nextHeader = inner == Inner.IPV4 ? IpProtocol.IPV4 : IpProtocol.IPV6;
        SaSpec in = KeyFiles.spec(directory, SaSpec.Direction.IN, SPI, transform, false, SaLifetime.UNLIMITED);
        SecurityAssociation peer = KeyFiles.open(
                KeyFiles.spec(directory, SaSpec.Direction.OUT, SPI, transform, false, SaLifetime.UNLIMITED));
        UnaryOperator<byte[]> shim = carried -> sealed(peer, transform, nextHeader, carried);
        HostileMode esp = new HostileMode(
                mode.word() + " " + transform,
                mode,
                inner,
                IpProtocol.ESP,
                transform.headerLength(),
                shim,
                () -> base(mode).sa(List.of(in)));
        esp.cut = length -> length < 8 ? "esp_malformed" : "esp_malformed|esp_auth";
        esp.replayed = "esp_replay";
        byte[] sound = esp.payload();
        for (int i = 0; i < 4; i++) {
            esp.fault("SPI byte " + i, "esp_no_sa", i, sound[i] ^ 0x20);
        }
        esp.fault(
                "reserved SPI",
                "esp_malformed",
                Packets.followedBy(new byte[4], Arrays.copyOfRange(sound, 4, sound.length)));
        esp.fault("number 0", "esp_replay", Packets.with(sound, 7, 0));
        esp.fault("number", "esp_auth", Packets.with(sound, 4, 1));
        for (int i = 8; i < sound.length; i++) {
            esp.fault("byte " + i, "esp_auth", Packets.with(sound, i, sound[i] ^ 1));
        }
        esp.fault("next header", "esp_protocol", sealed(peer, transform, 17, esp.carried()));
        esp.fault("dummy", "esp_dummy", sealed(peer, transform, 59, esp.carried()));
        return esp.fault("the other family", "inner_family", sealed(peer, transform, 45 - nextHeader, esp.carried()));
    }

    private static byte[] sealed(SecurityAssociation peer, EspTransform transform, int nextHeader, byte[] carried) {
        int trailer = transform.trailerLength(carried.length);
        UnsafeBuffer memory =
                new UnsafeBuffer(ByteBuffer.allocateDirect(transform.headerLength() + carried.length + trailer));
        memory.putBytes(transform.headerLength(), carried);
        peer.seal(memory, 0, carried.length, nextHeader, peer.takeSequence(1, carried.length), 0);
        byte[] esp = new byte[memory.capacity()];
        memory.getBytes(0, esp);
        return esp;
    }

    /** What no inner packet may be, each with the word of its drop reason; of a mode that carries IP. */
    List<Map.Entry<String, byte[]>> unsoundPackets() {
        List<Map.Entry<String, byte[]>> all = new ArrayList<>();
        byte[] sound = carried();
        for (int length = 0; length < sound.length; length++) {
            all.add(Map.entry("inner_malformed", Packets.cut(sound, length)));
        }
        all.add(Map.entry("inner_family", inner == Inner.IPV4 ? IPV6 : IPV4));
        for (int version : new int[] {0, 1, 5, 7, 15}) {
            all.add(Map.entry("inner_family", Packets.with(sound, 0, version << 4 | 5)));
        }
        if (inner == Inner.IPV4) {
            for (int ihl : new int[] {0x40, 0x41, 0x44, 0x4f}) {
                all.add(Map.entry("inner_malformed", Packets.with(sound, 0, ihl)));
            }
            all.add(Map.entry("inner_malformed", Packets.with(sound, 2, 0xff)));
            all.add(Map.entry("inner_malformed", Packets.with(sound, 3, sound.length + 1)));
            all.add(Map.entry("inner_malformed", Packets.with(sound, 3, 19)));
            all.add(Map.entry("inner_malformed", Packets.with(sound, 3, 0)));
            all.add(Map.entry("inner_checksum", Packets.with(sound, 11, ~sound[11])));
            all.add(Map.entry("inner_ttl", Packets.ipv4().ttl(0).build()));
            for (String source : List.of("0.0.0.0", "127.0.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255")) {
                all.add(Map.entry("martian", Packets.from(source)));
            }
            for (String destination : List.of("0.0.0.0", "127.0.0.1")) {
                all.add(Map.entry("martian", Packets.to(destination)));
            }
        } else {
            all.add(Map.entry("inner_malformed", Packets.with(sound, 4, 0xff)));
            all.add(Map.entry("inner_malformed", Packets.with(sound, 5, sound.length - 39)));
            // A jumbogram.
            all.add(Map.entry("inner_malformed", Packets.with(Packets.with(sound, 5, 0), 6, 0)));
            all.add(Map.entry("inner_ttl", Packets.ipv6().hopLimit(0).build()));
            for (String source : List.of("ff02::1", "::1", "::ffff:192.0.2.1", "::192.0.2.1")) {
                all.add(Map.entry("martian", ipv6From(source)));
            }
            for (String destination : List.of("::", "::1", "::ffff:192.0.2.1")) {
                all.add(Map.entry("martian", ipv6To(destination)));
            }
        }
        return all;
    }

    private static ByteBuffer ipv6(String address) {
        byte[] bytes = InetAddress.ofLiteral(address).getAddress();
        // Java reads an IPv4-mapped address as an IPv4 one.
        return bytes.length == 16
                ? ByteBuffer.wrap(bytes)
                : ByteBuffer.allocate(16).putShort(10, (short) 0xffff).put(12, bytes);
    }

    private static byte[] ipv6From(String source) {
        ByteBuffer address = ipv6(source);
        return Packets.ipv6().source(address.getLong(0), address.getLong(8)).build();
    }

    private static byte[] ipv6To(String destination) {
        ByteBuffer address = ipv6(destination);
        return Packets.ipv6()
                .destination(address.getLong(0), address.getLong(8))
                .build();
    }

    @Override
    public String toString() {
        return name;
    }
}
