import { Docker as Client, type DockerOptions } from './docker.ts'
import { EngineFailure } from './modem/engine-failure.ts'
import { Modem } from './modem/modem.ts'
import type { Config as ConfigObject } from './objects/config.ts'
import type { Container as ContainerObject, CreateContainerOptions } from './objects/container.ts'
import type { Exec as ExecObject } from './objects/exec.ts'
import type { Image as ImageObject } from './objects/image.ts'
import type { Network as NetworkObject } from './objects/network.ts'
import type { Node as NodeObject } from './objects/node.ts'
import type { Plugin as PluginObject } from './objects/plugin.ts'
import type { Secret as SecretObject } from './objects/secret.ts'
import type { Service as ServiceObject } from './objects/service.ts'
import type { Task as TaskObject } from './objects/task.ts'
import type { Volume as VolumeObject } from './objects/volume.ts'

/** The class, which may be called without `new` as dockerode's, and has itself and the rest as fields, for `require`. */
interface DockerClass {
  new (options?: DockerOptions | null): Client
  (options?: DockerOptions | null): Client
  readonly prototype: Client
  readonly Docker: DockerClass
  readonly default: DockerClass
  readonly Modem: typeof Modem
  readonly EngineFailure: typeof EngineFailure
  readonly Container: typeof Client.Container
  readonly Image: typeof Client.Image
  readonly Volume: typeof Client.Volume
  readonly Network: typeof Client.Network
  readonly Service: typeof Client.Service
  readonly Plugin: typeof Client.Plugin
  readonly Secret: typeof Client.Secret
  readonly Config: typeof Client.Config
  readonly Task: typeof Client.Task
  readonly Node: typeof Client.Node
  readonly Exec: typeof Client.Exec
}

/** `tscompose/client`: the client alone, in the forms that `dockerode` is imported and required in. */
export const Docker: DockerClass = callable()
export type Docker = Client

/** The names of types that dockerode's users write. */
export declare namespace Docker {
  export type Config = ConfigObject
  export type Container = ContainerObject
  export type Exec = ExecObject
  export type Image = ImageObject
  export type Network = NetworkObject
  export type Node = NodeObject
  export type Plugin = PluginObject
  export type Secret = SecretObject
  export type Service = ServiceObject
  export type Task = TaskObject
  export type Volume = VolumeObject
  export type DockerOptions = import('./docker.ts').DockerOptions
  export type ContainerCreateOptions = CreateContainerOptions
}

export type * from '../api/types/index.ts'
export type { BuildCallOptions, BuildContext } from './building/build-call.ts'
export type { CallControl, Credentials, Options } from './calls/call.ts'
export type { Callback } from './calls/callback.ts'
export type { DockerOptions } from './docker.ts'
export type { DialOptions } from './modem/dial.ts'
export type { RunCallback, RunEmitter, RunOutput, RunResult } from './run.ts'
export { Docker as default, Docker as 'module.exports', EngineFailure, Modem }

function callable(): DockerClass {
  const own = class Docker extends Client {}
  const made = new Proxy(own, {
    apply: (target, _self, [options]: [DockerOptions?]) => new target(options),
  }) as unknown as DockerClass
  return Object.assign(made, { Docker: made, default: made, Modem, EngineFailure })
}
