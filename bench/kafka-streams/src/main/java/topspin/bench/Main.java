package topspin.bench;

/**
 * {@code COMMAND name=value…}; each prints one line of JSON. README.md says what they are and in which order
 * {@code cargo xtask bench streams} calls them.
 */
final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Options options = Options.read(arguments);
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "fill" -> Topics.fill(options);
            case "run" -> {
                try (Application application = new Application(options)) {
                    application.run();
                }
            }
            case "restore" -> {
                try (Application application = new Application(options)) {
                    application.restore();
                }
            }
            case "serve" -> new Application(options).serve();
            case "drive" -> new Driver(options).drive();
            case "verify" -> Verify.outputs(options);
            default -> {
                System.err.println("fill | run | restore | serve | drive | verify, then name=value");
                System.exit(2);
            }
        }
    }
}
