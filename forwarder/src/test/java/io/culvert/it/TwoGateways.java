package io.culvert.it;

import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Two hosts with a gateway each and one tunnel between them:
 *
 * <pre>
 *  left  culvert1 192.0.2.1/30 ═══════ culvert1 192.0.2.2/30  right
 * </pre>
 */
final class TwoGateways implements AutoCloseable {

    /** The tunnel's device on both hosts. */
    static final String DEVICE = "culvert1";

    static final InetAddress LEFT_INNER = InetAddress.ofLiteral("192.0.2.1");
    static final InetAddress RIGHT_INNER = InetAddress.ofLiteral("192.0.2.2");

    private final Lab lab;
    private final LabGateway left;
    private final LabGateway right;

    private TwoGateways(Lab lab, LabGateway left, LabGateway right) {
        this.lab = lab;
        this.left = left;
        this.right = right;
    }

    /** Starts both gateways; the tunnel forwards when this returns. */
    static TwoGateways start(Scenario scenario) {
        return start(scenario, tunnel -> tunnel);
    }

    /** Starts both gateways, with changes to the tunnel of each. */
    static TwoGateways start(Scenario scenario, UnaryOperator<TunnelSpecBuilder> change) {
        return start(Lab.builder().wireMode(scenario.wireMode()).build(), scenario, change);
    }

    /** Starts both gateways in a lab, which is closed with them. */
    static TwoGateways start(Lab lab, Scenario scenario, UnaryOperator<TunnelSpecBuilder> change) {
        try {
            LabGateway left = gateway(scenario, change, lab.left(), lab.right(), LEFT_INNER);
            LabGateway right = gateway(scenario, change, lab.right(), lab.left(), RIGHT_INNER);
            return new TwoGateways(lab, left.awaitReady(), right.awaitReady());
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    private static LabGateway gateway(
            Scenario scenario, UnaryOperator<TunnelSpecBuilder> change, Host here, Host there, InetAddress inner) {
        TunnelSpecBuilder tunnel = scenario.kind()
                .spec(DEVICE)
                .local(here.address())
                .remote(there.address())
                .addresses(List.of(new Prefix(inner, 30)));
        return LabGateway.on(here)
                .lane(scenario.lane())
                .pipeline(scenario.pipeline())
                .tunnel(change.apply(tunnel).build())
                .launch();
    }

    Host leftHost() {
        return lab.left();
    }

    Host rightHost() {
        return lab.right();
    }

    LabGateway left() {
        return left;
    }

    LabGateway right() {
        return right;
    }

    @Override
    public void close() {
        lab.close();
    }
}
