package io.culvert.pipeline;

import io.culvert.tunnel.DropReason;
import io.culvert.tunnel.Slot;
import io.culvert.tunnel.Verdict;

/** Runs a stage on one packet so that an exception costs that packet and nothing else. */
final class StageRunner {

    private final PathErrors errors;

    StageRunner(PathErrors errors) {
        this.errors = errors;
    }

    void process(ProcessStage stage, Slot slot) {
        if (slot.verdict != Verdict.FORWARD) {
            return;
        }
        try {
            stage.process(slot);
        } catch (RuntimeException e) {
            slot.drop(DropReason.INTERNAL);
            errors.record(e);
        }
    }

    void send(EgressStage stage, Slot slot) {
        try {
            stage.send(slot);
        } catch (RuntimeException e) {
            errors.record(e);
            stage.failed(slot);
        }
    }
}
