package io.culvert.lab;

import java.net.InetAddress;
import java.time.Duration;

/** Echo requests and TCP to an address behind a tunnel. One thread. */
final class IpTraffic implements Traffic {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);

    private final Lab lab;
    private final InetAddress to;
    private final Ping ping;

    /** @param to of the right host */
    IpTraffic(Lab lab, InetAddress to) {
        this.lab = lab;
        this.to = to;
        ping = Ping.open(lab.left(), to);
    }

    @Override
    public Ping.Summary ping(int count, int payload) {
        return ping.run(count, payload, TIMEOUT);
    }

    @Override
    public double gigabitsPerSecond(Duration time) {
        return TcpTransfer.timed(lab.left(), lab.right(), to, time).gigabitsPerSecond();
    }

    @Override
    public void close() {
        ping.close();
    }
}
