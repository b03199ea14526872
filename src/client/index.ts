export type { BuildCallOptions, BuildContext } from './build.ts'
export type { Callback, OptionsOr } from './callback.ts'
export type { DockerOptions, Endpoint } from './connection.ts'
export {
  type AttachCallOptions,
  Container,
  type ContainerOptions,
  type CreateContainerOptions,
} from './container.ts'
export { outputText } from './demux.ts'
export { Docker } from './docker.ts'
export { EngineFailure } from './engine-failure.ts'
export { Exec, type ExecStartCallOptions } from './exec.ts'
export { holdEngine } from './hold.ts'
export { ConnectionLost } from './http/exchange.ts'
export type { Image, WithAuth } from './image.ts'
export type { CallControl, Modem } from './modem.ts'
export type { Network } from './network.ts'
export { errorOf, jsonLines } from './progress.ts'
export type { RunOutput, RunResult } from './run.ts'
export type { Volume } from './volume.ts'
