export type { BuildCallOptions, BuildContext } from './building/build-call.ts'
export type { CallControl, WithAuth } from './calls/call.ts'
export { holdEngine } from './connection/hold.ts'
export { Docker, type DockerOptions } from './docker.ts'
export { ConnectionLost } from './http/exchange.ts'
export { outputText } from './modem/demux.ts'
export { EngineFailure } from './modem/engine-failure.ts'
export { jsonLines } from './modem/json-lines.ts'
export type { Modem } from './modem/modem.ts'
export { errorOf } from './modem/progress.ts'
export {
  type AttachCallOptions,
  Container,
  type ContainerOptions,
  type CreateContainerOptions,
} from './objects/container.ts'
export { Exec, type ExecStartCallOptions } from './objects/exec.ts'
export type { Image } from './objects/image.ts'
export type { Network } from './objects/network.ts'
export type { Volume } from './objects/volume.ts'
export type { RunOutput, RunResult } from './run.ts'
