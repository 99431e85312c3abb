package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/**
 * Both ends of a PPP link in one guest: a pppd in a network namespace of its own, which is a gateway's user, and its peer
 * behind Debian's server of PPTP or its client, or a session of L2TPv3 in its kernel. What one sends by its device ppp0 reaches the other through what is between
 * them, and by no other way.
 *
 * <pre>
 *  guest, namespace user                    host                   guest
 *  ppp0 192.0.2.2 ── pppd ── serial line ── pty of a gateway ── ── pptpd, pptp or Linux ── pppd ── ppp0 192.0.2.1
 * </pre>
 *
 * One thread.
 */
public final class PppGuest {

    private static final String PEER = "192.0.2.1";
    private static final String USER = "192.0.2.2";
    private static final Duration NEGOTIATION = Duration.ofSeconds(60);
    private static final Duration TRANSFER = Duration.ofSeconds(60);
    private static final String ENTER = "ip netns exec user ";
    private static final String LINE = "/run/line";

    private final Guest guest;

    /** Readies a guest from {@link GuestImage#PPP}, which serves calls from then on. */
    public PppGuest(Guest guest) {
        this.guest = guest;
        guest.exec("""
            modprobe ppp_async && ip netns add user && mkdir -p /etc/ppp /var/run || exit
            touch /etc/ppp/options
            printf '%s\\n' noauth nodetach debug noccp novj 'mtu 1460' 'mru 1460' 'lcp-restart 1' 'ipcp-restart 1' \\
                'lcp-max-configure 40' >/etc/ppp/both
            printf '%s\\n' 'file /etc/ppp/both' 192.0.2.1:192.0.2.2 'logfile /run/peer' >/etc/ppp/peer
            printf '%s\\n' 'option /etc/ppp/peer' delegate >/etc/pptpd.conf
            pptpd -f -c /etc/pptpd.conf >/run/pptpd 2>&1 &
            """).orThrow();
    }

    /**
     * Starts the user's pppd on a serial line.
     *
     * @param end what socat has at the line's other end, such as {@code TCP:198.51.100.1:7100}
     */
    public void startUser(String end) {
        guest.exec("rm -f " + LINE + "; socat PTY,link=" + LINE + ",raw,echo=0 " + end + " >/run/socat 2>&1 &\n"
                        + "while ! [ -e " + LINE + " ]; do sleep 0.1; done\n"
                        + ENTER + "pppd " + LINE + " local file /etc/ppp/both logfile /run/user >/run/pppd 2>&1 &")
                .orThrow();
    }

    /** Starts the client of PPTP, whose pppd is the peer, instead of the server. */
    public void call(String server) {
        guest.exec("pppd pty 'pptp " + server + " --nolaunchpppd' file /etc/ppp/peer >/run/pptp 2>&1 &")
                .orThrow();
    }

    /** Ends what {@link #call} started: the client of PPTP, which says that the call is over. */
    public void hangUp() {
        guest.exec("kill $(pidof pptp)").orThrow();
    }

    /**
     * Starts a pppd, which is the peer, with a session of Linux's L2TPv3. It has neither cookie nor L2-specific sublayer, as
     * connect(2) makes it: {@code ip l2tp} makes only sessions of Ethernet.
     *
     * @param tunnel what {@code ip l2tp add tunnel} is to be told but for the IDs
     * @param session of the packets to the guest
     * @param peerSession of those from it
     */
    public void startSession(String tunnel, int session, int peerSession) {
        guest.exec("modprobe -a l2tp_ip l2tp_ip6 l2tp_ppp && ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 " + tunnel)
                .orThrow();
        // struct sockaddr_pppol2tpv3: PX_PROTO_OL2TP, no process, no socket, no address, then IDs of tunnel and
        // session.
        guest.exec("""
            perl -e '$^F = 255; socket(S, 24, 2, 1) || die "socket: $!";
                connect(S, pack("S L l l x16 L4", 24, 1, 0, -1, 1, %d, 1, %d)) || die "connect: $!";
                exec "pppd", "plugin", "pppol2tp.so", "pppol2tp", fileno(S), "file", "/etc/ppp/peer"' \
                >/run/session 2>&1 &
            echo $! >/run/session.pid
            """.formatted(session, peerSession)).orThrow();
    }

    /** Ends what {@link #startSession} started. */
    public void endSession() {
        guest.exec("kill $(cat /run/session.pid)").orThrow();
        assertEnd();
        guest.exec("ip l2tp del tunnel tunnel_id 1").orThrow();
    }

    /** Waits until both ends have agreed on addresses and pings pass both ways. */
    public void assertLink() {
        // pppd gives the device its address before it lets packets pass.
        CommandResult first = guest.exec(
                NEGOTIATION,
                "for i in $(seq 40); do " + ENTER + "ping -c 1 -W 1 " + PEER + " && exit; sleep 0.2; done");
        assertThat(first.out()).as(() -> "negotiation; " + logs()).contains(" 1 packets received");
        assertThat(guest.exec(ENTER + "ip -o address show dev ppp0").out()).contains("inet " + USER + " peer " + PEER);
        for (String ping : List.of("ping " + USER, ENTER + "ping " + PEER)) {
            for (int payload : List.of(0, 56, 1000, 1400)) {
                assertThat(guest.exec(ping + " -c 2 -i 0.01 -W 10 -s " + payload)
                                .out())
                        .as(() -> ping + " with " + payload + " bytes; " + logs())
                        .contains("2 packets received, 0% packet loss");
            }
        }
    }

    /** Sends a file each way by TCP and compares what arrives with what was sent. */
    public void assertTransfers() {
        String sent = digest("sha256sum </payload");
        assertThat(digest(ENTER + "socat -u TCP:" + PEER + ":7001 STDOUT | sha256sum"))
                .as("to the user")
                .isEqualTo(sent);
        assertThat(digest(ENTER + "socat -t 20 - TCP:" + PEER + ":7002 </payload"))
                .as("to the peer")
                .isEqualTo(sent);
    }

    private String digest(String command) {
        return guest.exec(TRANSFER, command).orThrow().out().replaceFirst(" .*\n", "");
    }

    /** Waits until no pppd is left, as it must be when the call has ended. */
    public void assertEnd() {
        assertThat(guest.exec("for i in $(seq 100); do pidof pppd >/dev/null || exit 0; sleep 0.1; done; exit 1")
                        .exit())
                .as(() -> "exit code of waiting for both pppd to end; " + logs())
                .isZero();
    }

    private String logs() {
        return guest.exec("tail -n 15 /run/user /run/pppd /run/socat /run/peer /run/pptpd /run/pptp /run/session")
                .out();
    }
}
