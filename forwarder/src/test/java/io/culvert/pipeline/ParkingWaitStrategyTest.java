package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
final class ParkingWaitStrategyTest {

    private static final long LOST_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final RingBuffer<long[]> ring =
            RingBuffer.createSingleProducer(() -> new long[1], 64, new ParkingWaitStrategy(3, 0));
    private final List<BatchEventProcessor<long[]>> processors = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** Two consumers side by side, and a third behind them. */
    private void startThree() {
        Sequence first = consumer();
        Sequence second = consumer();
        ring.addGatingSequences(consumer(first, second));
        threads.forEach(Thread::start);
    }

    private Sequence consumer(Sequence... after) {
        BatchEventProcessor<long[]> processor = new BatchEventProcessorBuilder()
                .build(ring, ring.newBarrier(after), (event, sequence, endOfBatch) -> {
                    if (event[0] != sequence) {
                        throw new AssertionError("event " + event[0] + " at " + sequence);
                    }
                });
        processors.add(processor);
        threads.add(new Thread(processor, "consumer-" + threads.size()));
        return processor.getSequence();
    }

    @AfterEach
    void endsParkedThreads() {
        processors.forEach(BatchEventProcessor::halt);
        threads.forEach(PathThreads::join);
    }

    private void publish() {
        long sequence = ring.next();
        ring.get(sequence)[0] = sequence;
        ring.publish(sequence);
    }

    private boolean isConsumed() {
        return processors.stream().allMatch(processor -> processor.getSequence().get() == ring.getCursor());
    }

    /** No timer would wake a consumer whose wake-up is lost: the next packet may be minutes away. */
    private void publishAndPause(int rounds, int leastSpins, int mostSpins) {
        SplittableRandom random = new SplittableRandom(1);
        for (int round = 0; round < rounds; round++) {
            publish();
            long published = System.nanoTime();
            for (int spins = 1; !isConsumed(); spins++) {
                if (spins % 100 == 0) {
                    Thread.yield();
                    assertThat(System.nanoTime() - published).isLessThan(LOST_NANOS);
                }
            }
            int pause = random.nextInt(leastSpins, mostSpins);
            for (int i = 0; i < pause; i++) {
                Thread.onSpinWait();
            }
        }
    }

    /** The pause is about as long as the consumer spins: it is about to park when the next packet comes. */
    @Test
    void losesNoWakeUpOfAConsumerThatIsAboutToPark() {
        ring.addGatingSequences(consumer());
        threads.forEach(Thread::start);

        publishAndPause(100_000, 50, 400);
    }

    @Test
    void losesNoWakeUpOfSeveralConsumers() {
        startThree();

        publishAndPause(10_000, 0, 1_500);
    }

    private void awaitParked() {
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(1))
                .until(() ->
                        isConsumed() && threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
    }

    @Test
    void parksWhileNothingIsPublished() {
        startThree();
        awaitParked();
        publish();
        awaitParked();
    }

    @Test
    void parksAgainAfterASpuriousWakeUp() {
        startThree();
        for (int i = 0; i < 10; i++) {
            awaitParked();
            threads.forEach(LockSupport::unpark);
            LockSupport.parkNanos(1_000_000);
        }
        awaitParked();
        publish();
        awaitParked();
    }
}
