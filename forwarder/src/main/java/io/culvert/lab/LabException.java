package io.culvert.lab;

/** A step of the lab that failed: names the step, what it said, and where known the remedy. */
public class LabException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public LabException(String message) {
        super(message);
    }

    public LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
