package io.culvert.cli.iptunnel;

import io.culvert.config.TunnelSpecCodec;
import io.culvert.control.ControlException;
import io.culvert.control.ExitCode;
import io.culvert.telemetry.Drop;
import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.TunnelSpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tunnel of the running gateway.
 *
 * @param spec its specification; {@code mtu} is the device's
 * @param received what was decapsulated
 * @param transmitted what was encapsulated
 * @param pty the pty that pppd is to be run on; null of a tunnel with a device
 */
public record RunningTunnel(
        TunnelSpec spec,
        Received received,
        Transmitted transmitted,
        @Nullable String pty) {

    /** The numbers behind {@code RX:}. */
    record Received(long packets, long bytes, long errors, long checksumErrors, long outOfSequence) {}

    /** The numbers behind {@code TX:}. */
    record Transmitted(long packets, long bytes, long errors, long loops, long noRoute, long noBuffers) {}

    /**
     * Reads one element of {@code tunnels} in the gateway's answer to {@code show}.
     *
     * @throws ControlException if it cannot be read
     */
    public static RunningTunnel read(JsonNode tree) throws ControlException {
        if (!(tree instanceof ObjectNode object)) {
            throw notUnderstood(tree, "it is no object");
        }
        ObjectNode keys = object.deepCopy().retain(TunnelSpecCodec.KEYS);
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(keys);
        TunnelSpec spec = decoded.spec();
        if (spec == null) {
            throw notUnderstood(tree, decoded.problems().getFirst().message());
        }
        JsonNode decap = tree.path("decapsulation");
        JsonNode encap = tree.path("encapsulation");
        Received received = new Received(
                decap.path("packets").asLong(0),
                decap.path("bytes").asLong(0),
                Drop.sum(decap),
                drops(decap, DropReason.CSUM_BAD, DropReason.CSUM_MISSING, DropReason.CSUM_UNEXPECTED),
                drops(decap, DropReason.SEQ_LATE, DropReason.SEQ_MISSING));
        long noBuffers = drops(encap, DropReason.SEND_QUEUE_FULL, DropReason.TUN_QUEUE_FULL);
        Transmitted transmitted = new Transmitted(
                encap.path("packets").asLong(0),
                encap.path("bytes").asLong(0),
                Drop.sum(encap) - noBuffers,
                drops(encap, DropReason.LOOP, DropReason.NESTED),
                drops(encap, DropReason.NO_ROUTE, DropReason.SEND_UNREACHABLE),
                noBuffers);
        String pty = tree.has("pty") ? tree.path("pty").asString("") : null;
        return new RunningTunnel(spec, received, transmitted, pty);
    }

    private static ControlException notUnderstood(JsonNode tree, String why) {
        return new ControlException(ExitCode.INTERNAL, "the gateway's answer is not understood: " + why + ": " + tree);
    }

    private static long drops(JsonNode direction, DropReason... reasons) {
        long sum = 0;
        for (DropReason reason : reasons) {
            sum += direction.path("drops").path(reason.word()).asLong(0);
        }
        return sum;
    }
}
