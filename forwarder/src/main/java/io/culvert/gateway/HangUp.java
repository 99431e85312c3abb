package io.culvert.gateway;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * SIGHUP. The JVM's own handler would end the process, and Java has no API for another but {@code sun.misc.Signal}; module
 * {@code jdk.unsupported} exports it for that use, and javac warns of its name whatever one says, so it is found by reflection.
 */
final class HangUp {

    private HangUp() {}

    /** Runs the action for each SIGHUP from now on, on a thread of the JVM. */
    static void handle(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler invocation = (_, method, arguments) -> invoke(action, method, arguments);
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, invocation);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), proxy);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no module jdk.unsupported", e);
        }
    }

    private static Object invoke(Runnable action, Method method, Object[] arguments)
            throws ReflectiveOperationException {
        if (method.getDeclaringClass().equals(Object.class)) {
            return method.invoke(action, arguments);
        }
        action.run();
        return "";
    }
}
