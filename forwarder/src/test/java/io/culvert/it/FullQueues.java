package io.culvert.it;

import static io.culvert.it.TwoGateways.DEVICE;
import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.lab.LabGateway;
import io.culvert.tunnel.DropReason;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What gateways that had no processor for too long have lost in the kernel's queues, and told: no change's fault. */
final class FullQueues {

    private static final Set<String> REASONS =
            Set.of(DropReason.TUN_QUEUE_FULL.word(), DropReason.OUTER_QUEUE_FULL.word());

    private FullQueues() {}

    /** Packets that both gateways have lost there so far; fails if they have dropped any for another reason. */
    static long only(TwoGateways gateways) {
        Map<String, Long> drops = drops(gateways);
        assertThat(drops.keySet()).as("%s", drops).isSubsetOf(REASONS);
        return Counts.sum(drops);
    }

    /** Packets that both gateways have lost there so far, whatever they have dropped besides. */
    static long of(TwoGateways gateways) {
        Map<String, Long> drops = drops(gateways);
        drops.keySet().retainAll(REASONS);
        return Counts.sum(drops);
    }

    /** Of the paths, and of the tunnel's device. */
    private static Map<String, Long> drops(TwoGateways gateways) {
        Map<String, Long> drops = new TreeMap<>();
        for (LabGateway gateway : List.of(gateways.left(), gateways.right())) {
            Counts counts = Counts.of(gateway);
            counts.pathDrops("decap").forEach((reason, count) -> drops.merge(reason, count, Long::sum));
            counts.drops(DEVICE, "encapsulation").forEach((reason, count) -> drops.merge(reason, count, Long::sum));
        }
        return drops;
    }
}
