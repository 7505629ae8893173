// A packager in Node.js, from the .proto files alone: media to standard output, events to standard error.
//   node subscribe.mjs STREAM [CONTROL_PLANE, default 127.0.0.1:8080]
// MIRROR_CA, a file of authorities in PEM: TLS to control plane and workers. MIRROR_TOKEN: shown with every call.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const protos = fileURLToPath(new URL('../../../proto/src/main/protobuf', import.meta.url));
const files = ['mirror/v1/stream_service.proto', 'mirror/v1/delivery_service.proto'];
const { mirror } = grpc.loadPackageDefinition(
  loader.loadSync(files, { includeDirs: [protos], keepCase: true, longs: BigInt, enums: String, defaults: true, oneofs: true }),
);
const { MIRROR_CA, MIRROR_TOKEN } = process.env;
const channel = MIRROR_CA ? grpc.credentials.createSsl(readFileSync(MIRROR_CA)) : grpc.credentials.createInsecure();
const metadata = new grpc.Metadata();
if (MIRROR_TOKEN) metadata.set('authorization', 'Bearer ' + MIRROR_TOKEN);
const [stream_id, controlPlane = '127.0.0.1:8080'] = process.argv.slice(2);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const tell = (...words) => console.error(...words);

// Reasons after which the stream is over; after all others it is looked for again.
const OVER = ['STOPPED_BY_OPERATOR', 'WINDOW_OVER', 'PUBLISHER_LOST', 'DISABLED', 'NOT_FOUND'].map((r) => 'REASON_' + r);

let start = { random_access: {} }; // then { resume: ... }: behind the last chunk, wherever the stream is

function locate() {
  const streams = new mirror.v1.StreamService(controlPlane, channel);
  return new Promise((found, failed) =>
    streams.LocateStream({ id: stream_id }, metadata, { deadline: Date.now() + 2000 }, (error, answer) => {
      streams.close();
      error ? failed(error) : found(answer);
    }),
  );
}

/** One subscription at one worker; returns why it ended. */
async function subscribe(address) {
  const worker = new mirror.v1.DeliveryService(address, channel, { 'grpc.max_receive_message_length': 1 << 20 });
  try {
    for await (const message of worker.Subscribe({ stream_id, ...start }, metadata)) {
      const event = message[message.event];
      if (message.event === 'ended') return event;
      if (message.event !== 'chunk') {
        tell(message.event, JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? Number(value) : value)));
        continue;
      }
      // Waiting here holds back this subscription and nobody else.
      if (!process.stdout.write(event.payload)) await once(process.stdout, 'drain');
      start = {
        resume: {
          epoch: event.epoch,
          position: event.position + BigInt(event.payload.length),
          packet: event.packet + BigInt(event.packet_count),
        },
      };
    }
  } finally {
    worker.close();
  }
}

process.stdout.on('error', () => process.exit(0)); // nobody reads any more
for (let address = ''; ; ) {
  try {
    if (!address) {
      const found = await locate();
      if (found.status === 'STREAM_STATUS_STOPPED') {
        tell('over', found.reason);
        break;
      }
      address = found.delivery_address; // empty while the stream waits for its publisher, nowhere
    }
    const ended = address && (await subscribe(address));
    if (ended) tell('ended', ended.reason, ended.moved_to);
    if (ended && OVER.includes(ended.reason)) break;
    address = ended?.moved_to ?? '';
  } catch (error) {
    tell('interrupted', error.code, error.details ?? error.message);
    address = '';
    if (error.code === grpc.status.NOT_FOUND && start.random_access) process.exit(3);
    if (error.code === grpc.status.NOT_FOUND) break;
    if (error.code === grpc.status.UNAUTHENTICATED) process.exit(4);
  }
  await pause(200 + 300 * Math.random());
}
