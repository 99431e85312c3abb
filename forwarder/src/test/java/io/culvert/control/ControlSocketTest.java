package io.culvert.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.culvert.testing.Judges;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class ControlSocketTest {

    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private Path path;
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch waiting = new CountDownLatch(1);
    private final List<ControlServer> servers = new ArrayList<>();

    @BeforeEach
    void nameTheSocket() {
        path = directory.resolve("run/control.sock");
    }

    @AfterEach
    void closeServers() {
        release.countDown();
        servers.forEach(ControlServer::close);
    }

    private ControlServer start(Duration clientTimeout) throws ControlException {
        ControlServer server = ControlServer.start(path, this::handle, clientTimeout);
        servers.add(server);
        return server;
    }

    private ObjectNode handle(String command, ObjectNode arguments) throws ControlException {
        switch (command) {
            case "echo" -> {
                return object().put("command", command).set("arguments", arguments);
            }
            case "refuse" -> throw new ControlException(4, "needs CAP_NET_ADMIN");
            case "wait" -> {
                waiting.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return object().put("waited", true);
            }
            default -> throw new IllegalStateException("a defect");
        }
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    private ObjectNode request(String command, ObjectNode arguments) throws ControlException {
        try (ControlClient client = ControlClient.connect(path, LONG)) {
            return client.request(command, arguments);
        }
    }

    private ControlException refusal(String command) {
        return catchThrowableOfType(ControlException.class, () -> request(command, object()));
    }

    private SocketChannel rawClient() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static BufferedReader reader(SocketChannel channel) {
        return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
    }

    @Test
    void answersSeveralRequestsOnOneConnection() throws Exception {
        start(LONG);
        try (ControlClient client = ControlClient.connect(path, LONG)) {
            for (int i = 0; i < 3; i++) {
                ObjectNode result = client.request("echo", object().put("name", "gr\u00e9\n" + i));
                assertThat(result.toString())
                        .isEqualTo("{\"command\":\"echo\",\"arguments\":{\"name\":\"gr\u00e9\\n" + i + "\"}}");
            }
        }
    }

    @Test
    void writesTheLinesOfSchemaOne() throws Exception {
        start(LONG);
        try (SocketChannel channel = rawClient()) {
            BufferedReader reader = reader(channel);
            send(
                    channel,
                    "{\"schema\":1,\"command\":\"echo\",\"arguments\":{\"a\":[1]}}\n"
                            + "{\"schema\":1,\"command\":\"refuse\"}\n");
            assertThat(reader.readLine())
                    .isEqualTo(
                            "{\"schema\":1,\"ok\":true,\"result\":{\"command\":\"echo\",\"arguments\":{\"a\":[1]}}}");
            assertThat(reader.readLine())
                    .isEqualTo("{\"schema\":1,\"ok\":false,\"exit\":4,\"error\":\"needs CAP_NET_ADMIN\"}");
        }
    }

    @Test
    void carriesTheRefusalsExitCode() throws Exception {
        start(LONG);

        ControlException refusal = refusal("refuse");

        assertThat(refusal.exitCode()).isEqualTo(ExitCode.PRIVILEGE);
        assertThat(refusal).hasMessage("needs CAP_NET_ADMIN");
    }

    @Test
    void survivesADefectOfItsHandler() throws Exception {
        start(LONG);

        assertThat(refusal("defect").exitCode()).isEqualTo(ExitCode.INTERNAL);
        assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "garbage",
                "[]",
                "{}",
                "{\"schema\":2,\"command\":\"echo\"}",
                "{\"schema\":1}",
                "{\"schema\":1,\"command\":7}",
                "{\"schema\":1,\"command\":\"echo\",\"arguments\":7}",
                "{\"schema\":1,\"command\":\"echo\"} trailing",
                "\u0000\u00ff",
            })
    void refusesWhatIsNoRequest(String line) throws Exception {
        start(LONG);
        try (SocketChannel channel = rawClient()) {
            send(channel, line + "\n");
            assertThat(reader(channel).readLine()).startsWith("{\"schema\":1,\"ok\":false,\"exit\":2,\"error\":\"");
        }
    }

    @Test
    void survivesRandomBytes() throws Exception {
        start(LONG);
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = new byte[random.nextInt(1, 2000)];
            random.nextBytes(bytes);
            try (SocketChannel channel = rawClient()) {
                channel.write(ByteBuffer.wrap(bytes));
            } catch (IOException e) {
                // The server may hang up on it at any point.
                assertThat(e).hasMessageContaining("pipe");
            }
        }
        assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");
    }

    @Test
    void refusesALineThatNeverEnds() throws Exception {
        start(LONG);
        try (SocketChannel channel = rawClient()) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    send(channel, "x".repeat(ControlServer.MAX_REQUEST_LENGTH + 1));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(reader(channel).readLine()).contains("longer than 1048576 bytes");
            writer.join();
        }
    }

    @Test
    void hangsUpOnAHundredMegabytesAfterOne() throws Exception {
        start(LONG);
        String chunk = "x".repeat(100_000);
        int sent = 0;
        try (SocketChannel channel = rawClient()) {
            for (; sent < 1_000; sent++) {
                send(channel, chunk);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("pipe");
        }

        assertThat(sent).as("100 kB chunks taken").isLessThan(50);
        assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");
    }

    @Test
    void tellsHundredsOfHalfOpenClientsToWaitAndGetsRidOfThem() throws Exception {
        // Longer than a busy machine takes to connect them all.
        start(Duration.ofSeconds(3));
        List<SocketChannel> clients = new ArrayList<>();
        int refused = 0;
        try {
            for (int i = 0; i < 300; i++) {
                SocketChannel client = rawClient();
                clients.add(client);
                try {
                    send(client, "{\"schema\":1,");
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("pipe");
                }
            }
            for (SocketChannel client : clients) {
                String answer = reader(client).readLine();
                if (answer != null) {
                    assertThat(answer).contains("64 connections to the gateway are open: try again later");
                    refused++;
                }
            }
        } finally {
            for (SocketChannel client : clients) {
                client.close();
            }
        }

        assertThat(refused).isBetween(1, 300 - ControlServer.MAX_CONNECTIONS);
        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> !request("echo", object()).isEmpty());
    }

    /** Whatever happens to a request's bytes, its line gets one answer, and that answer is no defect's. */
    @Test
    void answersEveryDamagedRequest() throws Exception {
        servers.add(ControlServer.start(path, (command, arguments) -> object().put("command", command), LONG));
        byte[] request = "{\"schema\":1,\"command\":\"echo\",\"arguments\":{\"a\":[1,true,null,\"\\u00e9\"]}}"
                .getBytes(StandardCharsets.UTF_8);
        SplittableRandom random = new SplittableRandom(2407);
        try (SocketChannel channel = rawClient()) {
            BufferedReader reader = reader(channel);
            for (int round = 0; round < 3_000; round++) {
                byte[] damaged = damage(request, random);
                channel.write(ByteBuffer.wrap(damaged));
                String answer = reader.readLine();
                assertThat(answer)
                        .as("round %d: %s", round, new String(damaged, StandardCharsets.UTF_8))
                        .matches("\\{\"schema\":1,\"ok\":(true,\"result\":.*|false,\"exit\":2,\"error\":\".*)}");
            }
        }
    }

    /** Flips, cuts, doubles and nests, on one line. */
    private static byte[] damage(byte[] request, SplittableRandom random) {
        byte[] bytes = request.clone();
        for (int flips = random.nextInt(4); flips > 0; flips--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = random.nextInt(text.length());
        String whole = switch (random.nextInt(5)) {
            case 0 -> text.substring(0, at);
            case 1 -> text + text.substring(at);
            case 2 -> text.substring(0, at) + "[".repeat(random.nextInt(3_000)) + text.substring(at);
            default -> text;
        };
        return (whole.replace('\n', ' ').replace('\r', ' ') + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void takesTheLongestLine() throws Exception {
        start(LONG);
        int overhead = "{\"schema\":1,\"command\":\"echo\",\"arguments\":{\"a\":\"\"}}".length();
        String longest = "x".repeat(ControlServer.MAX_REQUEST_LENGTH - overhead);

        ObjectNode result = request("echo", object().put("a", longest));

        assertThat(result.path("arguments").path("a").stringValue()).isEqualTo(longest);
    }

    @Test
    void hangsUpOnAClientThatSaysNothing() throws Exception {
        start(SHORT);
        try (SocketChannel channel = rawClient()) {
            send(channel, "{\"schema\":1,");
            assertThat(reader(channel).readLine()).isNull();
        }
    }

    @Test
    void hangsUpOnAClientThatNeverReads() throws Exception {
        start(SHORT);
        try (SocketChannel channel = rawClient()) {
            ObjectNode big = object().put("a", "x".repeat(1_000_000));
            send(channel, Message.request("echo", big) + "\n");
            await().atMost(LONG).until(() -> isHungUp(channel));
        }
    }

    private static boolean isHungUp(SocketChannel channel) {
        try {
            send(channel, "\n");
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void servesOthersWhileSomeHang() throws Exception {
        start(Duration.ofSeconds(3));
        List<SocketChannel> idle = new ArrayList<>();
        try {
            for (int i = 0; i < ControlServer.MAX_CONNECTIONS - 1; i++) {
                idle.add(rawClient());
            }
            assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");

            await().until(() -> {
                idle.add(rawClient());
                SocketChannel last = idle.getLast();
                last.configureBlocking(false);
                Thread.sleep(20);
                return last.read(ByteBuffer.allocate(1)) > 0;
            });
            ControlException refusal = refusal("echo");
            assertThat(refusal).hasMessageContaining("64 connections to the gateway are open");

            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> !request("echo", object()).isEmpty());
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
    }

    @Test
    void keepsStrangersOut() throws Exception {
        start(LONG);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-rw----");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwxr-x---");
    }

    /** The directory lets everybody in, so that it is the socket's own mode that is judged. */
    @Test
    void letsItsGroupInAndNobodyElse() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root, to become somebody else");
        Judges.requireTool("setpriv", "util-linux");
        Judges.requireTool("socat", "socat");
        Files.createDirectories(path.getParent());
        for (Path each : List.of(directory, path.getParent())) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        start(LONG);
        int group = (int) Files.getAttribute(path, "unix:gid");

        assertThat(connectAs(65_534, 65_534)).contains("Permission denied");
        assertThat(connectAs(65_534, group)).isEmpty();
    }

    /** What socat says about connecting as that user and group. */
    private String connectAs(int user, int group) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "setpriv",
                        "--reuid=" + user,
                        "--regid=" + group,
                        "--clear-groups",
                        "socat",
                        "-u",
                        "OPEN:/dev/null",
                        "UNIX-CONNECT:" + path)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    @Test
    void refusesASecondGateway() throws Exception {
        start(LONG);

        ControlException refusal = catchThrowableOfType(ControlException.class, () -> start(LONG));

        assertThat(refusal.exitCode()).isEqualTo(ExitCode.REFUSED);
        assertThat(refusal)
                .hasMessage("a gateway runs on " + path + " already: stop it, or choose another path with --socket");
        assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");
    }

    @Test
    void replacesTheSocketOfADeadGateway() throws Exception {
        Files.createDirectories(path.getParent());
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(UnixDomainSocketAddress.of(path));
        dead.close();
        assertThat(path).exists();

        start(LONG);

        assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");
    }

    @Test
    void leavesAFileThatIsNoSocket() throws Exception {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "precious");

        ControlException refusal = catchThrowableOfType(ControlException.class, () -> start(LONG));

        assertThat(refusal).hasMessageContaining(path + ": the file is there and is not a socket");
        assertThat(path).hasContent("precious");
    }

    @Test
    void removesItsSocketWhenItCloses() throws Exception {
        ControlServer server = start(LONG);
        try (ControlClient client = ControlClient.connect(path, LONG)) {
            server.close();
            assertThatThrownBy(() -> client.request("echo", object())).isInstanceOf(ControlException.class);
        }
        assertThat(path).doesNotExist();
        assertThat(refusal("echo").exitCode()).isEqualTo(ExitCode.NO_GATEWAY);
    }

    @Test
    void leavesTheSocketOfItsSuccessor() throws Exception {
        ControlServer first = start(LONG);
        Files.delete(path);
        start(LONG);

        first.close();

        assertThat(request("echo", object()).path("command").stringValue()).isEqualTo("echo");
    }

    @Test
    void letsAnAnswerOutBeforeItCloses() throws Exception {
        ControlServer server = start(LONG);
        AtomicReference<ObjectNode> result = new AtomicReference<>();
        Thread asker = Thread.ofVirtual().start(() -> {
            try {
                result.set(request("wait", object()));
            } catch (ControlException e) {
                throw new AssertionError(e);
            }
        });
        waiting.await();
        Thread closer = Thread.ofVirtual().start(server::close);
        await().until(() -> refusal("echo") != null);
        release.countDown();
        closer.join();
        asker.join();

        assertThat(result.get()).hasToString("{\"waited\":true}");
    }

    @Test
    void saysThatNoGatewayRuns() {
        ControlException refusal = refusal("echo");

        assertThat(refusal.exitCode()).isEqualTo(ExitCode.NO_GATEWAY);
        assertThat(refusal).hasMessage("no gateway runs on " + path + ": start one with `culvert run`");
    }

    @Test
    void givesUpOnAGatewayThatDoesNotAnswer() throws Exception {
        start(LONG);
        try (ControlClient client = ControlClient.connect(path, SHORT)) {
            assertThatThrownBy(() -> client.request("wait", object()))
                    .isInstanceOf(ControlException.class)
                    .hasMessage("the gateway on " + path + " did not answer within 400 ms");
        }
    }
}
