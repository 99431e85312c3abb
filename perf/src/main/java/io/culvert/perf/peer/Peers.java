package io.culvert.perf.peer;

import io.culvert.config.GatewayConfig.Lane;
import io.culvert.config.GatewayConfig.Pipeline;
import io.culvert.tunnel.Mode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Every peer that there is, in the order in which reports list them. */
public final class Peers {

    public static final String PLAIN = "plain";
    public static final String EBPF_IPIP = "ebpf-ipip";
    public static final String SOCAT = "socat";
    public static final String OVS_GRE = "ovs-gre";
    public static final String ONE_PACKET = "one-packet";
    public static final String CULVERT_IPIP = "culvert-ipip-super";
    public static final String CULVERT_IPIP_SPLIT = "culvert-ipip-split";
    public static final String CULVERT_GRE = "culvert-gre-super";
    public static final String CULVERT_GRE_KEY = "culvert-gre-key-super";
    public static final String CULVERT_GRE_CSUM = "culvert-gre-csum-split";
    public static final String CULVERT_SIT = "culvert-sit-super";
    public static final String STAGED = "-staged";

    private Peers() {}

    /** All of them, those included that this host lacks something for. */
    public static List<Peer> all() {
        List<Peer> peers = new ArrayList<>(List.of(
                new PlainPeer(),
                new EbpfIpipPeer(),
                new VxlanPeer(),
                new SocatPeer(),
                new OpenVswitchPeer(),
                new WireguardPeer(),
                new OnePacketPeer()));
        for (Lane lane : List.of(Lane.SUPER, Lane.SPLIT, Lane.RAW)) {
            peers.add(CulvertPeer.of(Mode.IPIP, false, false, lane, Pipeline.FUSED));
            peers.add(CulvertPeer.of(Mode.IPIP, false, false, lane, Pipeline.STAGED));
        }
        peers.add(CulvertPeer.of(Mode.GRE, false, false, Lane.SUPER, Pipeline.FUSED));
        peers.add(CulvertPeer.of(Mode.GRE, true, false, Lane.SUPER, Pipeline.FUSED));
        peers.add(CulvertPeer.of(Mode.GRE, false, true, Lane.SPLIT, Pipeline.FUSED));
        peers.add(CulvertPeer.of(Mode.GRE, false, true, Lane.SPLIT, Pipeline.STAGED));
        Mode sit = Mode.ofWord("sit");
        if (sit != null) {
            peers.add(CulvertPeer.of(sit, false, false, Lane.SUPER, Pipeline.FUSED));
        }
        return peers;
    }

    /**
     * Those that words name: each its whole id, or the beginning of it up to a hyphen.
     *
     * @throws IllegalArgumentException for a word that names none, with the ids that there are
     */
    public static List<Peer> select(Collection<String> words) {
        List<Peer> all = all();
        Set<Peer> selected = new LinkedHashSet<>();
        for (String word : words) {
            List<Peer> named =
                    all.stream().filter(peer -> peer.id().equals(word)).toList();
            if (named.isEmpty()) {
                named = all.stream()
                        .filter(peer -> peer.id().startsWith(word + "-"))
                        .toList();
            }
            if (named.isEmpty()) {
                String ids = String.join(", ", all.stream().map(Peer::id).toList());
                throw new IllegalArgumentException("no peer is named \"" + word + "\"; there are " + ids);
            }
            selected.addAll(named);
        }
        return all.stream().filter(selected::contains).toList();
    }
}
