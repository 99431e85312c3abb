package io.culvert.perf.load;

import io.culvert.lab.LabException;

/** A peer's figures do not count: it corrupts, or it is no tunnel. */
public final class NotCountedException extends LabException {

    private static final long serialVersionUID = 1L;

    public NotCountedException(String reason) {
        super(reason);
    }
}
