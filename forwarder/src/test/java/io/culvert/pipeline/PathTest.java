package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.culvert.tunnel.Slot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What both wirings promise, fused and staged alike. */
@Timeout(120)
final class PathTest {

    private static final int SLOTS = 256;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How the three stages are wired. */
    enum Wiring {
        FUSED(0),
        STAGED_1(1),
        STAGED_2(2),
        STAGED_3(3);

        private final int workers;

        Wiring(int workers) {
            this.workers = workers;
        }

        Path path(SlotPool pool, IngressStage in, Supplier<ProcessStage> process, EgressStage out, PathErrors errors) {
            return path(pool, in, process, out, errors, new Tuning(64, 0, false));
        }

        Path path(
                SlotPool pool,
                IngressStage in,
                Supplier<ProcessStage> process,
                EgressStage out,
                PathErrors errors,
                Tuning tuning) {
            PathThreads threads = new PathThreads(List.of());
            return workers == 0
                    ? new FusedPath("test", pool, in, process.get(), out, errors, threads, tuning)
                    : new StagedPath("test", pool, in, process, workers, out, errors, threads, tuning);
        }
    }

    private final SlotPool pool = new SlotPool(SLOTS);
    private final NumberedIngress ingress = new NumberedIngress();
    private final CheckingEgress egress = new CheckingEgress();
    private final LogRecorder log = new LogRecorder(PathErrors.class);
    private List<Thread> threads = List.of();

    private Path start(Wiring wiring, Supplier<ProcessStage> process) {
        Path path = wiring.path(pool, ingress, process, egress, new PathErrors());
        threads = path.threads();
        path.start();
        return path;
    }

    @AfterEach
    void leavesNothingBehind() {
        log.close();
        assertThat(threads).noneMatch(Thread::isAlive);
        pool.close();
        assertThat(egress.problems()).isEmpty();
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(condition);
    }

    /** Counts how often the packet was processed. */
    private static ProcessStage mark() {
        return slot -> slot.sequence++;
    }

    /** Workers that overtake each other: mostly fast, now and then a moment late, seldom very late. */
    private static ProcessStage slowNowAndThen() {
        return slot -> {
            int dice = ThreadLocalRandom.current().nextInt(20_000);
            if (dice < 4) {
                LockSupport.parkNanos(500_000);
            } else if (dice < 200) {
                LockSupport.parkNanos(1);
            }
            slot.sequence++;
        };
    }

    @ParameterizedTest
    @EnumSource
    void sendsInTheOrderOfArrivalWhateverTheWorkersDo(Wiring wiring) {
        Path path = start(wiring, PathTest::slowNowAndThen);
        int packets = 200_000;
        for (int offered = 0; offered < packets; offered += 1_000) {
            ingress.offer(1_000);
            if (offered % 20_000 == 0) {
                LockSupport.parkNanos(2_000_000);
            }
        }
        eventually(() -> egress.flushed() == packets);
        path.stop();

        assertThat(egress.flushed()).isEqualTo(packets);
    }

    @ParameterizedTest
    @EnumSource
    void sendsWhatWasReceivedBeforeItStops(Wiring wiring) {
        Path path = start(wiring, PathTest::mark);
        egress.delay(5_000);
        ingress.offer(Long.MAX_VALUE / 2);
        eventually(() -> egress.flushed() > 1_000);
        path.stop();

        assertThat(egress.flushed()).isEqualTo(ingress.received());
    }

    @ParameterizedTest
    @EnumSource
    void comesToRestOnlyWhenAllThatWasReceivedHasLeft(Wiring wiring) {
        Path path = start(wiring, PathTest::slowNowAndThen);
        egress.delay(5_000);
        long offered = 0;
        for (int round = 0; round < 300; round++) {
            int packets =
                    round % 2 == 0 ? 1 + round % 3 : ThreadLocalRandom.current().nextInt(300);
            offered += packets;
            ingress.offer(packets);
            while (packets < 3 && ingress.received() < offered) {
                Thread.onSpinWait();
            }
            long before = ingress.received();
            path.awaitQuiescence();

            assertThat(egress.flushed()).isGreaterThanOrEqualTo(before);
        }
        path.stop();
    }

    @ParameterizedTest
    @EnumSource
    void losesOnlyThePacketThatAnExceptionHits(Wiring wiring) {
        Path path = start(wiring, () -> slot -> {
            if (slot.identification % 500 == 250) {
                throw new IllegalStateException("unexpected");
            }
            if (slot.identification % 500 == 251) {
                throw new IndexOutOfBoundsException("unexpected too");
            }
            slot.sequence++;
        });
        ingress.offer(50_000);
        eventually(() -> egress.flushed() == 50_000);
        path.stop();

        assertThat(egress.internalDrops()).isEqualTo(200);
        assertThat(log.thrown())
                .extracting(Throwable::getMessage)
                .containsExactlyInAnyOrder("unexpected", "unexpected too");
    }

    @ParameterizedTest
    @EnumSource
    void goesOnAfterAnExceptionInTheLastStage(Wiring wiring) {
        AtomicInteger failed = new AtomicInteger();
        EgressStage failing = new EgressStage() {
            @Override
            public void send(Slot slot) {
                egress.send(slot);
                if (slot.identification % 300 == 7) {
                    throw new IllegalStateException("unexpected");
                }
            }

            @Override
            public void failed(Slot slot) {
                failed.incrementAndGet();
            }

            @Override
            public void flush() {
                egress.flush();
            }
        };
        Path path = wiring.path(pool, ingress, PathTest::mark, failing, new PathErrors());
        path.start();
        ingress.offer(20_000);
        eventually(() -> egress.flushed() == 20_000);
        path.stop();

        assertThat(failed.get()).isEqualTo(67);
        assertThat(log.thrown()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void waitsWithoutWorkWhileNothingArrives(Wiring wiring) {
        Path path = start(wiring, PathTest::mark);
        for (int round = 0; round < 3; round++) {
            ingress.offer(100);
            long packets = 100L * (round + 1);
            eventually(() -> egress.flushed() == packets && ingress.isAsleep());
            eventually(() -> threads.stream().allMatch(PathTest::isWaiting));
            long calls = ingress.calls();
            LockSupport.parkNanos(20_000_000);

            assertThat(ingress.calls()).isEqualTo(calls);
            assertThat(threads).allMatch(PathTest::isWaiting);
        }
        path.stop();
    }

    @ParameterizedTest
    @EnumSource
    void receivesNoMoreThanABatchAtOnce(Wiring wiring) {
        Path path = wiring.path(pool, ingress, PathTest::mark, egress, new PathErrors(), new Tuning(5, 0, false));
        path.start();
        ingress.offer(10_000);
        eventually(() -> egress.flushed() == 10_000);
        path.stop();

        assertThat(ingress.largest()).isEqualTo(5);
    }

    /** A thread that polls sees packets without being woken, and still goes to sleep, all threads of a staged path too. */
    @ParameterizedTest
    @EnumSource
    void sleepsAfterItHasPolled(Wiring wiring) {
        Path path =
                wiring.path(pool, ingress, PathTest::mark, egress, new PathErrors(), new Tuning(64, 20_000_000, false));
        path.start();
        ingress.offer(10);
        eventually(() -> egress.flushed() == 10);
        eventually(() -> path.threads().stream().allMatch(PathTest::isWaiting));
        long calls = ingress.calls();
        LockSupport.parkNanos(20_000_000);

        assertThat(ingress.calls()).isEqualTo(calls);
        path.stop();
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING;
    }

    @ParameterizedTest
    @EnumSource
    void stopsWhileNothingArrives(Wiring wiring) {
        Path path = start(wiring, PathTest::mark);
        eventually(ingress::isAsleep);
        path.stop();

        assertThat(egress.flushed()).isZero();
        path.awaitQuiescence();
        path.stop();
    }

    @ParameterizedTest
    @EnumSource
    void stopsHoweverShortlyAfterItsStart(Wiring wiring) {
        for (int round = 0; round < 100; round++) {
            Path path = wiring.path(pool, ingress, PathTest::mark, egress, new PathErrors());
            path.start();
            path.stop();

            assertThat(path.threads()).noneMatch(Thread::isAlive);
        }
    }

    @ParameterizedTest
    @EnumSource
    void isQuietBeforeItsStart(Wiring wiring) {
        Path path = wiring.path(pool, ingress, PathTest::mark, egress, new PathErrors());
        path.awaitQuiescence();
        path.stop();

        assertThat(path.threads()).hasSize(wiring.workers == 0 ? 1 : wiring.workers + 2);
    }

    /** A full ring holds back the ingress stage instead of giving slots away twice. */
    @ParameterizedTest
    @EnumSource
    void receivesNoMoreThanItHasSlotsFor(Wiring wiring) throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        Path path = start(wiring, () -> slot -> {
            if (slot.identification == 1) {
                awaitUninterrupted(release);
            }
            slot.sequence++;
        });
        ingress.offer(10_000);
        eventually(() -> ingress.received() > 1);
        Thread.sleep(20);
        long received = ingress.received();
        release.countDown();

        assertThat(received).isLessThanOrEqualTo(SLOTS);
        assertThat(egress.flushed()).isLessThanOrEqualTo(10_000);
        eventually(() -> egress.flushed() == 10_000);
        path.stop();
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
