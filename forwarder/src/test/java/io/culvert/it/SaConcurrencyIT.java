package io.culvert.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.esp.KeyFiles;
import io.culvert.lab.CommandResult;
import io.culvert.lab.Lab;
import io.culvert.lab.LabGateway;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Security associations that come at the same time, as a key daemon adds them: none is lost, in the gateway or on disk. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class SaConcurrencyIT {

    private static final int REQUESTS = 48;
    private static final int COMMANDS = 4;
    private static final int FIRST_SPI = 0x1000;

    @TempDir
    private Path directory;

    private Path confD;

    private LabGateway.Builder gateway(Lab lab) throws Exception {
        confD = Files.createDirectories(lab.left().directory().resolve("conf.d"));
        return LabGateway.on(lab.left()).text("[gateway]\n").options("--conf-d", confD.toString());
    }

    private static void addTunnel(LabGateway gateway, Lab lab) {
        String[] words = ("tunnel add vti1 mode vti local "
                        + lab.left().address().getHostAddress() + " remote "
                        + lab.right().address().getHostAddress() + " key 7 --save")
                .split(" ", -1);
        gateway.culvert(words).orThrow();
    }

    private String key(int number) {
        return KeyFiles.write(directory, KeyFiles.key(20, number), "rw-------").toString();
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
        }
        return results;
    }

    private static List<Integer> spis(LabGateway gateway) {
        return gateway.show()
                .path("tunnels")
                .path(0)
                .path("sa")
                .valueStream()
                .map((JsonNode sa) -> sa.path("spi").asInt(0))
                .sorted()
                .toList();
    }

    private static List<Integer> range(int from, int count) {
        return IntStream.range(from, from + count).boxed().toList();
    }

    @Test
    void losesNoneOfManyAddedAndDeletedAtOnce() throws Exception {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = gateway(lab).start();
            addTunnel(gateway, lab);
            atOnce(range(FIRST_SPI, REQUESTS).stream()
                    .map(spi -> (Callable<ObjectNode>) () -> gateway.request("sa-add", association(spi)))
                    .toList());
            assertThat(spis(gateway)).isEqualTo(range(FIRST_SPI, REQUESTS));
            atOnce(range(FIRST_SPI, REQUESTS - 1).stream()
                    .map(spi -> (Callable<ObjectNode>) () -> gateway.request("sa-del", named(spi)))
                    .toList());
            assertThat(spis(gateway)).containsExactly(FIRST_SPI + REQUESTS - 1);
        }
    }

    private static ObjectNode named(int spi) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("dev", "vti1")
                .put("direction", "in")
                .put("spi", spi);
    }

    private ObjectNode association(int spi) {
        return named(spi).put("aead", "rfc4106(gcm(aes))").put("key-file", key(spi));
    }

    @Test
    void savesAllThatAreAddedAtOnce() throws Exception {
        try (Lab lab = Lab.twoHosts()) {
            LabGateway gateway = gateway(lab).start();
            addTunnel(gateway, lab);
            List<Integer> wanted = range(FIRST_SPI, COMMANDS);
            for (CommandResult result : atOnce(wanted.stream()
                    .map(spi -> (Callable<CommandResult>) () -> gateway.culvert(line(spi)))
                    .toList())) {
                result.orThrow();
            }
            String saved = Files.readString(confD.resolve("vti1.toml"));
            assertThat(saved).contains("key-file").doesNotContain(KeyFiles.key(20, FIRST_SPI));
            assertThat(Files.list(confD)).hasSize(1);
            assertThat(gateway.culvert("diff").orThrow().out()).isEqualTo("no difference\n");
            gateway.stop();
            LabGateway restarted = gateway(lab).start();
            assertThat(spis(restarted)).isEqualTo(wanted);
            String[] delete = ("sa del dev vti1 dir in spi " + FIRST_SPI + " --save").split(" ", -1);
            restarted.culvert(delete).orThrow();
            assertThat(restarted.culvert("diff").orThrow().out()).isEqualTo("no difference\n");
            assertThat(spis(restarted)).isEqualTo(wanted.subList(1, COMMANDS));
        }
    }

    private String[] line(int spi) {
        return ("sa add dev vti1 dir in spi " + spi + " aead rfc4106(gcm(aes)) key-file " + key(spi) + " --save")
                .split(" ", -1);
    }
}
