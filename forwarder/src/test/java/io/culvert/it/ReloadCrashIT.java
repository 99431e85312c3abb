package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.config.ConfigWriter;
import io.culvert.config.TunnelSpecCodec;
import io.culvert.lab.Host;
import io.culvert.lab.Lab;
import io.culvert.lab.LabException;
import io.culvert.lab.LabGateway;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TunnelSpec;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gateways that are killed while their configuration changes: the next start has the old state or the new one, whole, and
 * the one that was promised if the change had been answered. {@code -Dculvert.kills=1000} for a long run.
 */
@Timeout(value = 600, unit = TimeUnit.SECONDS)
class ReloadCrashIT {

    private static final int KILLS = Integer.getInteger("culvert.kills", 12);
    private static final int SAVES = Math.max(KILLS / 3, 1);
    private static final long LONGEST_RELOAD = TimeUnit.MILLISECONDS.toNanos(120);
    private static final long LONGEST_COMMAND = TimeUnit.MILLISECONDS.toNanos(900);

    private final Random random = new Random(5);

    /** How a reload is asked for. */
    private enum Request {
        PLAIN,
        CONFIRMED,
        UNCONFIRMED
    }

    /** What the gateway had answered when it was killed. */
    private enum Answered {
        NOTHING,
        RELOAD,
        CONFIRM
    }

    @Test
    void startsWithTheOldOrTheNewStateAfterAReload() throws Exception {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway.Builder builder = LabGateway.on(lab.left());
            LabGateway gateway = builder.text(generation(0, lab.left())).start();
            List<String> old = state(gateway);
            for (int kill = 1; kill <= KILLS; kill++) {
                Request request = Request.values()[kill % Request.values().length];
                String after = generation(kill, lab.left());
                gateway.rewrite(after);
                Answered answered = killWhile(gateway, request);

                gateway = builder.text(after).start();

                List<String> now = state(gateway);
                assertThat(now)
                        .as("kill %d, %s, answered %s", kill, request, answered)
                        .isIn(allowed(request, answered, old, stateOf(kill)));
                assertThat(devices(lab.left())).containsExactlyInAnyOrderElementsOf(names(gateway));
                old = now;
            }
        }
    }

    private static List<List<String>> allowed(Request request, Answered answered, List<String> old, List<String> next) {
        if (request == Request.PLAIN || answered == Answered.CONFIRM) {
            return List.of(next);
        }
        return request == Request.UNCONFIRMED && answered == Answered.RELOAD ? List.of(old) : List.of(old, next);
    }

    private Answered killWhile(LabGateway gateway, Request request) throws Exception {
        FutureTask<Answered> reload = new FutureTask<>(() -> reload(gateway, request));
        Thread.ofVirtual().start(reload);
        LockSupport.parkNanos(random.nextLong(LONGEST_RELOAD));
        gateway.kill();
        return reload.get();
    }

    private static Answered reload(LabGateway gateway, Request request) {
        Answered answered = Answered.NOTHING;
        try {
            gateway.request("reload", request == Request.PLAIN ? none() : none().put("confirm-within-seconds", 600));
            answered = Answered.RELOAD;
            if (request == Request.CONFIRMED) {
                gateway.request("confirm", none());
                answered = Answered.CONFIRM;
            }
        } catch (LabException _) {
            // It was killed meanwhile.
        }
        return answered;
    }

    @Test
    void whatWasSavedIsThereAndNothingIsHalfSaved() throws Exception {
        try (Lab lab = Lab.twoHosts()) {
            Path confD = Files.createDirectory(lab.left().directory().resolve("conf.d"));
            LabGateway.Builder builder =
                    LabGateway.on(lab.left()).text(generation(0, lab.left())).options("--conf-d", confD.toString());
            LabGateway gateway = builder.start();
            List<String> saved = new ArrayList<>(names(gateway));
            for (int i = 0; i < SAVES; i++) {
                String name = "saved" + i;
                boolean isSaved = killWhileSaving(gateway, name, "203.0.113." + (10 + i));

                gateway = builder.start();

                List<String> now = names(gateway);
                if (isSaved || now.contains(name)) {
                    saved.add(name);
                }
                assertThat(now).as("kill %d, saved %s", i, isSaved).containsExactlyElementsOf(saved);
                assertThat(gateway.culvert("diff").out()).isEqualTo("no difference\n");
            }
        }
    }

    /** Returns whether the command said that the tunnel is there and saved. */
    private boolean killWhileSaving(LabGateway gateway, String name, String remote) throws Exception {
        String[] add = {"tunnel", "add", name, "mode", "gre", "remote", remote, "key", "7", "--save"};
        FutureTask<Integer> command =
                new FutureTask<>(() -> gateway.culvert(add).exit());
        Thread.ofVirtual().start(command);
        LockSupport.parkNanos(random.nextLong(LONGEST_COMMAND));
        gateway.kill();
        return command.get() == 0;
    }

    private static ObjectNode none() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** One of all configurations; two in a row share a name and no more. */
    private static String generation(int number, Host host) {
        ObjectNode tree = none();
        ArrayNode tunnels = tree.putArray("tunnel");
        for (String name : namesOf(number)) {
            tunnels.add(TunnelSpecCodec.encode(tunnel(name, host)).put("ttl", ttl(number)));
        }
        return ConfigWriter.toToml(tree);
    }

    private static List<String> namesOf(int number) {
        String prefix = number % 2 == 0 ? "even" : "odd";
        return List.of(prefix + 0, prefix + 1, prefix + 2, "kept");
    }

    private static int ttl(int number) {
        return 1 + number % 255;
    }

    private static TunnelSpec tunnel(String name, Host host) {
        return TunnelSpec.builder(name, Mode.GRE)
                .local(host.address())
                .remote(InetAddress.ofLiteral("203.0.113." + (100 + Math.floorMod(name.hashCode(), 100))))
                .build();
    }

    private static List<String> stateOf(int number) {
        return namesOf(number).stream()
                .map(name -> name + " ttl " + ttl(number))
                .toList();
    }

    private static List<String> state(LabGateway gateway) {
        return gateway.show()
                .path("tunnels")
                .valueStream()
                .map(tunnel -> tunnel.path("name").asString("") + " ttl "
                        + tunnel.path("ttl").asInt(0))
                .toList();
    }

    private static List<String> names(LabGateway gateway) {
        return state(gateway).stream()
                .map(tunnel -> tunnel.substring(0, tunnel.indexOf(' ')))
                .toList();
    }

    private static List<String> devices(Host host) {
        return host.ipJson("link", "show", "type", "tun")
                .valueStream()
                .map(link -> link.path("ifname").asString(""))
                .toList();
    }
}
