import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { pack } from 'tar-stream'
import { CONTAINERS, FIRST, IMAGE, NETWORK, VOLUME } from './cases.ts'

/** Asks an engine by a socket, as clients do who know nothing of it. */
export class Caller {
  readonly #socketPath: string

  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  /** The body as JSON, or as text where it is none, null where there is nothing; big numbers as text, lest they are rounded. */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const bytes = Buffer.isBuffer(body) ? body : body === undefined ? undefined : JSON.stringify(body)
    const type = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json'
    const headers =
      bytes === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(bytes) }
    return await new Promise((resolve, reject) => {
      const call = request(
        { socketPath: this.#socketPath, method, path: `/v1.51${path}`, headers },
        response => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => {
            text += chunk
          })
          response.on('end', () => resolve(parse(text)))
          response.on('error', reject)
        },
      )
      call.on('error', reject)
      call.end(bytes)
    })
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text.replace(/(?<=[:[,]\s*)\d{16,}(?=\s*[,\]}])/g, '"<big>"'))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return text
  }
}

/** Answers by name, in the order in which they came. */
export type Answers = Map<string, unknown>

const filters = (of: Readonly<Record<string, readonly string[]>>): string =>
  `filters=${encodeURIComponent(JSON.stringify(of))}`

/** Makes everything on the engine, asks about it, and removes it. */
export async function askAll(engine: Caller): Promise<Answers> {
  const answers: Answers = new Map()
  await clear(engine)
  try {
    await buildImage(engine)
    await askNetworks(engine, answers)
    await askContainers(engine, answers)
    await askOne(engine, answers)
    await askEngine(engine, answers)
  } finally {
    await clear(engine)
  }
  return answers
}

async function clear(engine: Caller): Promise<void> {
  for (const { name } of [...CONTAINERS, { name: FIRST }])
    await engine.call('DELETE', `/containers/shapes-${name}?force=1&v=1`)
  await engine.call('DELETE', `/networks/${NETWORK}`)
  await engine.call('DELETE', `/networks/${NETWORK}-6`)
  for (const name of [VOLUME, `${VOLUME}-2`]) await engine.call('DELETE', `/volumes/${name}?force=1`)
  await engine.call('DELETE', `/images/${IMAGE}?force=1`)
}

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /etc /tmp /root && echo root:x:0:0:root:/root:/bin/sh > /etc/passwd
LABEL of=image
ENV FROM_IMAGE=1
CMD ["sleep", "100"]
`

async function buildImage(engine: Caller): Promise<void> {
  const context = pack()
  context.entry({ name: 'Dockerfile' }, DOCKERFILE)
  context.entry({ name: 'busybox', mode: 0o755 }, readFileSync('/bin/busybox'))
  context.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of context) chunks.push(chunk as Buffer)
  await engine.call('POST', `/build?t=${IMAGE}`, Buffer.concat(chunks))
}

async function askNetworks(engine: Caller, answers: Answers): Promise<void> {
  const ask = async (name: string, method: string, path: string, body?: unknown): Promise<void> => {
    answers.set(name, await engine.call(method, path, body))
  }
  await ask('network create', 'POST', '/networks/create', {
    Name: NETWORK,
    Labels: { a: 'b' },
    Options: { 'com.docker.network.driver.mtu': '1400' },
    IPAM: {
      Config: [
        { Subnet: '10.213.17.0/24', IPRange: '10.213.17.128/25', AuxiliaryAddresses: { aux: '10.213.17.5' } },
      ],
    },
  })
  await engine.call('POST', '/networks/create', {
    Name: `${NETWORK}-6`,
    EnableIPv6: true,
    Internal: true,
    Attachable: true,
  })
  for (const name of ['bridge', 'host', 'none', NETWORK, `${NETWORK}-6`])
    await ask(`network ${name}`, 'GET', `/networks/${name}`)
  await ask('network list', 'GET', `/networks?${filters({ name: ['^shapes-front$'] })}`)
  await ask('volume create', 'POST', '/volumes/create', { Name: VOLUME })
  await ask('volume create 2', 'POST', '/volumes/create', {
    Name: `${VOLUME}-2`,
    Labels: { a: 'b' },
    DriverOpts: { type: 'tmpfs', device: 'tmpfs' },
  })
  await ask('volume', 'GET', `/volumes/${VOLUME}`)
  await ask('volume 2', 'GET', `/volumes/${VOLUME}-2`)
  await ask('volume list', 'GET', `/volumes?${filters({ name: [VOLUME] })}`)
  await ask('volume prune', 'POST', `/volumes/prune?${filters({ label: ['nobody'] })}`)
  await ask('network prune', 'POST', `/networks/prune?${filters({ label: ['nobody'] })}`)
  await ask('container prune', 'POST', `/containers/prune?${filters({ label: ['nobody'] })}`)
  await ask('image prune', 'POST', `/images/prune?${filters({ label: ['nobody'] })}`)
}

async function askContainers(engine: Caller, answers: Answers): Promise<void> {
  const start = { Image: IMAGE, HostConfig: { NetworkMode: NETWORK, Binds: [`${VOLUME}:/shared`] } }
  await engine.call('POST', `/containers/create?name=shapes-${FIRST}`, {
    ...start,
    ExposedPorts: { '5432/tcp': {} },
  })
  await engine.call('POST', `/containers/shapes-${FIRST}/start`)
  answers.set('network in use', await engine.call('GET', `/networks/${NETWORK}`))
  for (const { name, body } of CONTAINERS) {
    const path = `/containers/shapes-${name}`
    answers.set(
      `${name}: create`,
      await engine.call('POST', `/containers/create?name=shapes-${name}`, { Image: IMAGE, ...body }),
    )
    answers.set(`${name}: created`, await engine.call('GET', `${path}/json`))
    answers.set(`${name}: start`, await engine.call('POST', `${path}/start`))
    if (name === 'health') await eventually(engine, path, 'healthy')
    answers.set(`${name}: running`, await engine.call('GET', `${path}/json`))
    answers.set(
      `${name}: row`,
      await engine.call('GET', `/containers/json?all=1&${filters({ name: [`^/shapes-${name}$`] })}`),
    )
    if (name !== 'plain') await engine.call('DELETE', `${path}?force=1&v=1`)
  }
}

async function eventually(engine: Caller, path: string, status: string): Promise<void> {
  for (let turn = 0; turn < 1200; turn++) {
    const found = (await engine.call('GET', `${path}/json`)) as { State?: { Health?: { Status?: string } } }
    if (found.State?.Health?.Status === status) return
    await sleep(50)
  }
}

/** All that can be asked about a container, of the plain one: it ends here. */
async function askOne(engine: Caller, answers: Answers): Promise<void> {
  const plain = '/containers/shapes-plain'
  const ask = async (name: string, method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await engine.call(method, path, body)
    answers.set(name, answer)
    return answer
  }
  await ask('stats once', 'GET', `${plain}/stats?stream=0&one-shot=1`)
  await ask('stats', 'GET', `${plain}/stats?stream=0`)
  await ask('top', 'GET', `${plain}/top`)
  await ask('update', 'POST', `${plain}/update`, { CpuShares: 100 })
  const exec = (await ask('exec create', 'POST', `${plain}/exec`, {
    Cmd: ['touch', '/made'],
    AttachStdout: true,
  })) as {
    Id?: string
  }
  await ask('exec', 'GET', `/exec/${exec.Id}/json`)
  await engine.call('POST', `/exec/${exec.Id}/start`, {})
  await ask('exec ended', 'GET', `/exec/${exec.Id}/json`)
  await ask('changes', 'GET', `${plain}/changes`)
  await ask('sizes', 'GET', `${plain}/json?size=1`)
  await ask('row with sizes', 'GET', `/containers/json?size=1&${filters({ name: ['^/shapes-plain$'] })}`)
  await ask('paused', 'POST', `${plain}/pause`)
  await ask('inspect paused', 'GET', `${plain}/json`)
  await engine.call('POST', `${plain}/unpause`)
  await ask('rename', 'POST', `${plain}/rename?name=shapes-plain`)
  await ask('kill', 'POST', `${plain}/kill`)
  await ask('wait', 'POST', `${plain}/wait`)
  await ask('inspect exited', 'GET', `${plain}/json`)
  await ask('row exited', 'GET', `/containers/json?all=1&${filters({ name: ['^/shapes-plain$'] })}`)
  await ask('stats of one that ended', 'GET', `${plain}/stats?stream=0`)
  await ask('top of one that ended', 'GET', `${plain}/top`)
  await ask('start again', 'POST', `${plain}/start`)
  await ask('start what runs', 'POST', `${plain}/start`)
  await ask('stop', 'POST', `${plain}/stop?t=0`)
  await ask('stop what has ended', 'POST', `${plain}/stop`)
}

async function askEngine(engine: Caller, answers: Answers): Promise<void> {
  for (const [name, path] of [
    ['image', `/images/${IMAGE}/json`],
    ['image history', `/images/${IMAGE}/history`],
    ['image list', `/images/json?${filters({ reference: ['shapes'] })}`],
    ['info', '/info'],
    ['version', '/version'],
  ] as const)
    answers.set(name, await engine.call('GET', path))
}
