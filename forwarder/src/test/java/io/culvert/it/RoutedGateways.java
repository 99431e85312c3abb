package io.culvert.it;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import io.culvert.lab.WireMode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.Prefix;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.net.InetAddress;
import java.util.List;
import java.util.function.UnaryOperator;

/** Two hosts with a gateway each, a router between them, and one tunnel of any mode. */
final class RoutedGateways implements AutoCloseable {

    /** The tunnel's device on both hosts. */
    static final String DEVICE = "culvert1";

    private final Lab lab;
    private final Row row;
    private final LabGateway left;
    private final LabGateway right;

    /**
     * A tunnel to be.
     *
     * @param name what tests call it
     * @param ipv6 whether inner packets are IPv6
     * @param options what its specification says besides
     */
    record Row(String name, Mode mode, boolean ipv6, UnaryOperator<TunnelSpecBuilder> options) {

        InetAddress leftInner() {
            return InetAddress.ofLiteral(ipv6 ? "2001:db8::1" : "192.0.2.1");
        }

        InetAddress rightInner() {
            return InetAddress.ofLiteral(ipv6 ? "2001:db8::2" : "192.0.2.2");
        }

        private int prefixLength() {
            return ipv6 ? 64 : 30;
        }

        private TunnelSpec spec(Host here, Host there, InetAddress inner) {
            boolean outerIpv6 = mode.isOuterIpv6();
            return options.apply(TunnelSpec.builder(DEVICE, mode)
                            .local(outerIpv6 ? here.ipv6Address() : here.address())
                            .remote(outerIpv6 ? there.ipv6Address() : there.address())
                            .addresses(List.of(new Prefix(inner, prefixLength()))))
                    .build();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private RoutedGateways(Lab lab, Row row, LabGateway left, LabGateway right) {
        this.lab = lab;
        this.row = row;
        this.left = left;
        this.right = right;
    }

    /** Starts both gateways; the tunnel forwards when this returns. */
    static RoutedGateways start(Row row, Lane lane, WireMode wireMode, int routerMtu) {
        return start(row, lane, Pipeline.AUTO, wireMode, routerMtu);
    }

    /** The same with a pipeline of one's choice. */
    static RoutedGateways start(Row row, Lane lane, Pipeline pipeline, WireMode wireMode, int routerMtu) {
        Lab lab = Lab.builder().wireMode(wireMode).ipv6().router(routerMtu).build();
        try {
            if (row.ipv6()) {
                lab.left().sysctl("net.ipv6.conf.default.disable_ipv6", "0");
                lab.right().sysctl("net.ipv6.conf.default.disable_ipv6", "0");
            }
            LabGateway left = LabGateway.on(lab.left())
                    .lane(lane)
                    .pipeline(pipeline)
                    .tunnel(row.spec(lab.left(), lab.right(), row.leftInner()))
                    .launch();
            LabGateway right = LabGateway.on(lab.right())
                    .lane(lane)
                    .pipeline(pipeline)
                    .tunnel(row.spec(lab.right(), lab.left(), row.rightInner()))
                    .launch();
            return new RoutedGateways(lab, row, left.awaitReady(), right.awaitReady());
        } catch (RuntimeException e) {
            lab.close();
            throw e;
        }
    }

    Lab lab() {
        return lab;
    }

    Row row() {
        return row;
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
