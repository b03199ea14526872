import { createInterface } from 'node:readline'
import { PassThrough, type Readable } from 'node:stream'
import type { NodeInspect, ServiceInspect, TaskInspect } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import { serviceKey, taskName } from '../../deploy/swarm/operations/task-words.ts'
import type { DeployedLogsRequest } from '../cluster/cluster.ts'
import type { LogSink } from '../logs/log-sink.ts'

/** The logs of a service, of all its tasks on all nodes, by one stream of its manager. */
export async function readServiceLogs(
  docker: Docker,
  service: ServiceInspect,
  stack: string,
  request: DeployedLogsRequest,
  sink: LogSink,
  signal?: AbortSignal,
): Promise<void> {
  const { follow = false, tail, since } = request
  const stream = (await docker.getService(service.ID).logs({
    // Without it the manager reads all before the first byte is sent.
    follow: true as boolean,
    ...(follow ? {} : { follow: false }),
    stdout: true,
    stderr: true,
    // Each line says of which task it is, and when it was written.
    details: true,
    timestamps: true,
    ...(tail === undefined ? {} : { tail: String(tail) }),
    ...(since === undefined ? {} : { since: String(since) }),
    ...(signal === undefined ? {} : { abortSignal: signal }),
  })) as Readable | Buffer
  const names = new TaskNames(docker, service, stack)
  const isTerminal = service.Spec.TaskTemplate?.ContainerSpec?.TTY === true
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const source = Buffer.isBuffer(stream) ? PassThrough.from([stream]) : stream
  if (isTerminal) source.pipe(stdout)
  else docker.modem.demuxStream(source, stdout, stderr)
  const ended = new Promise<void>((resolve, reject) => {
    source.once('end', resolve).once('close', resolve)
    source.once('error', error => (signal?.aborted === true ? resolve() : reject(error)))
  }).finally(() => {
    stdout.end()
    stderr.end()
  })
  await Promise.all([
    ended,
    passLines(stdout, 'stdout', names, request, sink),
    passLines(stderr, 'stderr', names, request, sink),
  ])
}

/** `TIME DETAILS LINE`; details are `KEY=VALUE,…`. */
const STAMPED = /^(\S+) (\S*com\.docker\.swarm\.task\.id=([a-z0-9]+)\S*) (.*)$/s

async function passLines(
  input: Readable,
  kind: 'stdout' | 'stderr',
  names: TaskNames,
  { timestamps = false, until }: DeployedLogsRequest,
  sink: LogSink,
): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const [, time = '', , task = '', text = line] = STAMPED.exec(line) ?? []
    if (until !== undefined && Date.parse(time) / 1000 > until) continue
    const name = await names.of(task)
    if (names.isNew(name)) sink.register(name)
    sink.lines(name, kind, [timestamps && time !== '' ? `${time} ${text}` : text])
    await sink.room()
  }
}

/** Names of tasks by their ids; tasks that came later are asked for. */
class TaskNames {
  readonly #docker: Docker
  readonly #service: ServiceInspect
  readonly #key: string
  readonly #known = new Map<string, Promise<string>>()
  readonly #seen = new Set<string>()
  #nodes: Promise<readonly NodeInspect[]> | undefined

  constructor(docker: Docker, service: ServiceInspect, stack: string) {
    this.#docker = docker
    this.#service = service
    this.#key = serviceKey(stack, service.Spec.Name ?? '')
  }

  of(id: string): Promise<string> {
    const known = this.#known.get(id) ?? this.#find(id)
    this.#known.set(id, known)
    return known
  }

  /** True once for each name. */
  isNew(name: string): boolean {
    if (this.#seen.has(name)) return false
    this.#seen.add(name)
    return true
  }

  async #find(id: string): Promise<string> {
    const tasks: readonly TaskInspect[] = await this.#docker.listTasks({
      filters: { service: [this.#service.ID] },
    })
    const task = tasks.find(({ ID }) => ID === id)
    if (task === undefined) return this.#key
    this.#nodes ??= this.#docker.listNodes({})
    const node = (await this.#nodes).find(({ ID }) => ID === task.NodeID)?.Description.Hostname
    return `${taskName(task, this.#key)}${node === undefined ? '' : `@${node}`}`
  }
}
