package io.culvert.it;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.lab.WireMode;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;

/**
 * What a test runs over.
 *
 * @param kind the tunnel
 * @param lane the gateways' lane
 * @param pipeline the gateways' pipeline
 * @param wireMode what the link between the gateways carries
 */
record Scenario(Kind kind, Lane lane, Pipeline pipeline, WireMode wireMode) {

    /** A mode with its options. */
    enum Kind {
        IPIP(Mode.IPIP, 20),
        GRE(Mode.GRE, 24),
        GRE_KEY_CSUM_SEQ(Mode.GRE, 36),
        /** Needs security associations; its overhead depends on the packet. */
        VTI(Mode.VTI, 0);

        private final Mode mode;
        private final int overhead;

        Kind(Mode mode, int overhead) {
            this.mode = mode;
            this.overhead = overhead;
        }

        /** Bytes that encapsulation adds. */
        int overhead() {
            return overhead;
        }

        /** A specification without endpoints and addresses. */
        TunnelSpecBuilder spec(String name) {
            TunnelSpecBuilder spec = TunnelSpec.builder(name, mode);
            return this == GRE_KEY_CSUM_SEQ ? spec.key(7).csum(true).seq(true) : spec;
        }
    }

    @Override
    public String toString() {
        return String.join(", ", kind.name(), "lane " + lane, pipeline.name(), wireMode.name());
    }
}
