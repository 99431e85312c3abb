package io.culvert.gateway;

import io.culvert.config.SaKeys;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.wire.AddressText;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code sa-add} and {@code sa-del} make of a tunnel's specification. */
final class AssociationRequests {

    private AssociationRequests() {}

    /** The tunnel that a request names. */
    static String dev(ObjectNode arguments) {
        String dev = arguments.path("dev").asString("");
        if (dev.isEmpty()) {
            throw refused("the request names no tunnel: add dev NAME");
        }
        return dev;
    }

    /** The tunnel with one association more, which protects what is sent from now on if it is an outbound one. */
    static TunnelSpec add(TunnelSpec tunnel, ObjectNode arguments) {
        ObjectNode association = arguments.deepCopy();
        association.remove("dev");
        boolean isOut = association.path("direction").asString("").equals("out");
        requireEndpoint(association.remove("src"), "src", isOut ? tunnel.local() : tunnel.remote(), tunnel);
        requireEndpoint(association.remove("dst"), "dst", isOut ? tunnel.remote() : tunnel.local(), tunnel);
        ObjectNode tree = TunnelSpecCodec.encode(tunnel);
        tree.withArray(SaKeys.SA).add(association);
        return decode(tree);
    }

    /** The tunnel without the association of that direction and SPI. */
    static TunnelSpec delete(TunnelSpec tunnel, ObjectNode arguments) {
        ObjectNode tree = TunnelSpecCodec.encode(tunnel);
        ArrayNode associations = tree.withArray(SaKeys.SA);
        String direction = arguments.path("direction").asString("");
        for (int i = 0; i < associations.size(); i++) {
            JsonNode each = associations.get(i);
            if (each.path("spi").asLong() == arguments.path("spi").asLong(-1)
                    && each.path("direction").asString("").equals(direction)) {
                associations.remove(i);
                return decode(tree);
            }
        }
        throw refused("tunnel \"" + tunnel.name() + "\" has no security association with dir \"" + direction
                + "\" and spi " + arguments.path("spi").asString("none") + ": see `culvert sa show`");
    }

    private static void requireEndpoint(
            @Nullable JsonNode given, String word, @Nullable InetAddress endpoint, TunnelSpec tunnel) {
        String own = endpoint == null ? "any" : AddressText.of(endpoint);
        if (given != null && !given.asString("").equals(own)) {
            throw refused(word + " is " + given.asString("") + ", but tunnel \"" + tunnel.name() + "\" has " + own
                    + " there: leave " + word + " out");
        }
    }

    private static TunnelSpec decode(ObjectNode tree) {
        TunnelSpecCodec.Decoded decoded = TunnelSpecCodec.decode(tree);
        TunnelSpec spec = decoded.spec();
        if (spec == null) {
            TunnelSpec.Problem problem = decoded.problems().getFirst();
            throw refused(problem.message() + ": " + problem.hint());
        }
        return spec;
    }

    private static GatewayException refused(String message) {
        return new GatewayException(GatewayException.REFUSED, message);
    }
}
