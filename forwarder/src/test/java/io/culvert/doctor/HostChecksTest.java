package io.culvert.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.culvert.doctor.Finding.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hosts that lack something. */
final class HostChecksTest {

    @TempDir
    private Path root;

    private HostChecks host() {
        return new HostChecks(root);
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private static List<State> states(List<Finding> findings) {
        return findings.stream().map(Finding::state).toList();
    }

    @Test
    void missesTheTunDevice() throws IOException {
        assertThat(host().tun()).isEqualTo(Finding.fail("tun", "/dev/net/tun is not there", "modprobe tun"));

        write("dev/net/tun", "");
        assertThat(host().tun().state()).isEqualTo(State.OK);
    }

    @Test
    void readsTheEffectiveCapabilities() throws IOException {
        write("proc/self/status", "CapPrm:\t000001ffffffffff\nCapEff:\t000001ffffffffff\n");
        assertThat(states(host().privileges())).containsExactly(State.OK, State.OK, State.OK);

        write("proc/self/status", "CapPrm:\t000001ffffffffff\nCapEff:\t0000000000003000\n");
        assertThat(states(host().privileges())).containsExactly(State.OK, State.OK, State.WARN);

        write("proc/self/status", "CapPrm:\t000001ffffffffff\nCapEff:\t0000000000001000\n");
        assertThat(states(host().privileges())).containsExactly(State.OK, State.FAIL, State.WARN);
        assertThat(host().privileges().get(1).detail()).contains("CAP_NET_RAW");
    }

    @Test
    void namesLinuxsOwnTunnelsInTheWay() throws IOException {
        write("sys/class/net/eth0/mtu", "1500");
        assertThat(states(host().kernelTunnels())).containsExactly(State.OK);

        write("sys/class/net/gre0/mtu", "1476");
        write("sys/class/net/tunl0/mtu", "1480");
        assertThat(host().kernelTunnels())
                .extracting(Finding::state, Finding::remedy)
                .containsExactly(
                        tuple(State.WARN, "modprobe -r ip_gre, unless tunnels of Linux's own are in use"),
                        tuple(State.WARN, "modprobe -r ipip, unless tunnels of Linux's own are in use"));
    }

    @Test
    void warnsOfAStrictReturnPath() throws IOException {
        write("proc/sys/net/ipv4/conf/all/rp_filter", "0\n");
        write("proc/sys/net/ipv4/conf/default/rp_filter", "2\n");
        assertThat(host().returnPath().state()).isEqualTo(State.OK);

        write("proc/sys/net/ipv4/conf/default/rp_filter", "1\n");
        assertThat(host().returnPath().state()).isEqualTo(State.WARN);
    }

    @Test
    void saysWhetherOtherHostsPacketsAreForwarded() throws IOException {
        write("proc/sys/net/ipv4/ip_forward", "1\n");
        write("proc/sys/net/ipv6/conf/all/forwarding", "0\n");

        assertThat(host().forwarding().detail()).startsWith("IPv4 on, IPv6 off; other hosts' packets need it");
    }

    @Test
    void comparesTheLimitOfOpenFilesWithTheTunnels() throws IOException {
        write("proc/self/limits", "Max open files            1024                 4096                 files     \n");

        assertThat(host().openFiles(3_896).state()).isEqualTo(State.OK);
        Finding tooFew = host().openFiles(3_897);
        assertThat(tooFew.state()).isEqualTo(State.FAIL);
        assertThat(tooFew.remedy()).isEqualTo("ulimit -Hn 4097, or LimitNOFILE=4097 in the systemd unit");
    }
}
