// For containers, which have Node but no curl: exit code 0 when the process is well. By default it asks the gateway
// of this container whether it is ready; any other URL may be given.
const { PORT = '3000' } = process.env;
const [, , url = `http://127.0.0.1:${PORT}/health/ready`] = process.argv;
const TIMEOUT_MS = 2_000;

setTimeout(() => process.exit(1), TIMEOUT_MS);
fetch(url).then(
  ({ status }) => process.exit(status < 500 ? 0 : 1),
  () => process.exit(1),
);
