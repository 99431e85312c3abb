package io.culvert.config.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/** What {@code ip -d -j link}, {@code ip -d -j addr}, {@code ip -j tunnel show} and {@code ip -j l2tp show} print. */
final class IpJson {

    private static final JsonMapper JSON = new JsonMapper();
    private static final ObjectReader ONE_OF_SEVERAL =
            JSON.reader().without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** The devices that the kernel's modules make by themselves. */
    private static final Set<String> BASE_DEVICES = Set.of(
            "tunl0", "gre0", "gretap0", "erspan0", "sit0", "ip_vti0", "ip6tnl0", "ip6gre0", "ip6gretap0", "ip6_vti0");

    private IpJson() {}

    /**
     * Reads what it printed, once or several times.
     *
     * @param l2tp gets tunnels and sessions of L2TPv3
     */
    static List<TunnelDraft> read(String text, IpL2tp l2tp) {
        List<TunnelDraft> drafts = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text)) {
            while (parser.nextToken() != null) {
                read(ONE_OF_SEVERAL.readTree(parser), drafts, l2tp);
            }
        }
        return drafts;
    }

    private static void read(JsonNode devices, List<TunnelDraft> drafts, IpL2tp l2tp) {
        for (JsonNode device : devices) {
            String name = device.path("ifname").asString("");
            JsonNode info = device.path("linkinfo");
            String kind = info.path("info_kind").asString("");
            if (BASE_DEVICES.contains(name)) {
                continue;
            }
            if (IpL2tp.isShown(device)) {
                l2tp.show(device);
            } else if (IpTunnel.isShown(device)) {
                drafts.add(IpTunnel.draft(name, device));
            } else if (IpLink.isTunnel(kind)) {
                drafts.add(IpLink.draft(name, kind, device, info.path("info_data")));
            }
        }
    }
}
