import { nameOf } from './containers.ts'
import { connectEngine, lettingGo } from './engine.ts'
import { JoinedContainer, type JoinOptions } from './joined/joined-container.ts'
import { resolveProject } from './project-name.ts'
import { leave, type OpenContainer, type OpenRunRequest, opened } from './run/run.ts'
import { serviceContainer } from './service-container.ts'
import { environmentOf, type Target } from './target.ts'

export interface AttachRequest
  extends Pick<JoinOptions, 'onOutput' | 'room' | 'detachKeys'>,
    Pick<OpenRunRequest, 'onJoined'> {
  /** This container of a service that has several. */
  readonly index?: number
  /** Give it input, if it takes any; default: true. */
  readonly stdin?: boolean
}

/** A container that has been attached to, and what it is. */
export interface AttachedContainer extends OpenContainer {
  readonly tty: boolean
  /** It takes input. */
  readonly stdinOpen: boolean
}

/**
 * Connects to what the first process of a service's container reads and writes from now on. To end the input of one without a
 * terminal ends what it reads. Errors: SERVICE_NOT_RUNNING, NO_SUCH_SERVICE.
 */
export async function attach(
  target: Target,
  service: string,
  request: AttachRequest,
): Promise<AttachedContainer> {
  const { index, stdin = true, onOutput, room, detachKeys } = request
  const { name: project } = await resolveProject(target)
  const env = environmentOf(target)
  const docker = await connectEngine(env)
  return lettingGo(docker, 'on failure', async () => {
    const container = await serviceContainer(target, docker, { project, service, index })
    const { Config, HostConfig } = await docker.getContainer(container.Id).inspect()
    const [tty, stdinOpen] = [Config.Tty === true, Config.OpenStdin === true]
    const terms = { tty, stdin: stdin && stdinOpen, isNew: false, autoRemove: HostConfig.AutoRemove === true }
    const joined = await JoinedContainer.join({
      docker,
      id: container.Id,
      ...terms,
      onOutput,
      reconnect: () => connectEngine(env),
      ...(room === undefined ? {} : { room }),
      ...(detachKeys === undefined ? {} : { detachKeys }),
    })
    const named = { id: container.Id, name: nameOf(container) }
    leave(joined, { ...named, ...terms }, request)
    return { ...opened(docker, named, joined), tty, stdinOpen }
  })
}
