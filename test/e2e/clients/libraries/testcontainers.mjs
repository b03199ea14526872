// testcontainers against an engine: node testcontainers.mjs FOLDER SOCKET. FOLDER has its package; DOCKER_HOST and the like are set.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { doSteps, from, rounds } from './steps.mjs'

const [folder, socketPath, workFolder] = process.argv.slice(2)
const REAPER = 'reaper:1'
// Read when the package is loaded.
process.env.RYUK_CONTAINER_IMAGE = REAPER
const { DockerComposeEnvironment, GenericContainer, Network, Wait } = from(folder)('testcontainers')
const docker = new (from(folder)('dockerode'))({ socketPath })

const IMAGE = 'busybox'
const idle = () => new GenericContainer(IMAGE).withCommand(['sleep', '1000'])
const SERVE = 'mkdir -p /w; echo hi > /w/index.html; echo ready; exec httpd -f -p 8080 -h /w'
const server = () => new GenericContainer(IMAGE).withCommand(['sh', '-c', SERVE]).withExposedPorts(8080)
const stop = container => container.stop({ timeout: 0 })
async function get(container) {
  return (await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/`)).text()
}
/** Answers as the reaper does, and removes nothing. */
const REAPER_FILE = `FROM ${IMAGE}
RUN printf '#!/bin/sh\\nwhile read line; do echo ACK; done\\n' > /bin/ack && chmod +x /bin/ack
CMD ["sh", "-c", "echo Started; exec nc -ll -p 8080 -e /bin/ack"]
`
function context(name, dockerfile) {
  const path = join(workFolder, name)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'Dockerfile'), dockerfile)
  return path
}

const waits = {
  'a line of the log': () => server().withWaitStrategy(Wait.forLogMessage('ready')),
  'a port': () => server(),
  HTTP: () => server().withWaitStrategy(Wait.forHttp('/', 8080)),
  health: () =>
    server()
      .withHealthCheck({ test: ['CMD-SHELL', 'wget -qO- localhost:8080'], interval: 200, retries: 20 })
      .withWaitStrategy(Wait.forHealthCheck()),
  'a command': () => idle().withWaitStrategy(Wait.forSuccessfulCommand('test -d /proc/1')),
  'its end': () =>
    new GenericContainer(IMAGE).withCommand(['true']).withWaitStrategy(Wait.forOneShotStartup()),
}

await doSteps({
  'the image of the reaper': async () => {
    const stream = await docker.buildImage(
      { context: context('reaper', REAPER_FILE), src: ['Dockerfile'] },
      { t: REAPER },
    )
    await new Promise((resolve, reject) => {
      docker.modem.followProgress(stream, error => (error ? reject(error) : resolve()))
    })
  },
  ...Object.fromEntries(
    Object.entries(waits).map(([name, make]) => [
      `waits for ${name}`,
      async () => stop(await make().start()),
    ]),
  ),
  'says so when what it waits for does not come': async () => {
    const never = idle().withWaitStrategy(Wait.forLogMessage('never')).withStartupTimeout(500)
    await assert.rejects(never.start(), /never/)
  },
  'networks have aliases': async () => {
    const network = await new Network().start()
    const web = await server().withNetwork(network).withNetworkAliases('web').start()
    const other = await idle().withNetwork(network).start()
    assert.equal((await other.exec(['wget', '-qO-', 'http://web:8080/'])).output, 'hi\n')
    assert.equal(web.getNetworkId(network.getName()), network.getId())
    await Promise.all([stop(web), stop(other)])
    await network.stop()
  },
  'copies in and out': async () => {
    const container = await idle()
      .withCopyContentToContainer([{ content: 'hello', target: '/a/b.txt', mode: 0o640 }])
      .start()
    await container.copyContentToContainer([{ content: Buffer.alloc(300_000, 'z'), target: '/big' }])
    const { output } = await container.exec(['sh', '-c', 'cat /a/b.txt; stat -c %a /a/b.txt; wc -c < /big'])
    assert.equal(output, 'hello640\n300000\n')
    let size = 0
    for await (const chunk of await container.copyArchiveFromContainer('/big')) size += chunk.length
    assert.ok(size >= 300_000)
    await stop(container)
  },
  'exec loses no byte, time after time': async () => {
    const container = await idle().start()
    let whole = 0
    const one = async (_, number) => {
      const { exitCode, output } = await container.exec(['sh', '-c', `echo line${number}; exit 3`])
      whole += exitCode === 3 && output === `line${number}\n` ? 1 : 0
    }
    for (let round = 0; round < 10 * rounds; round++) await Promise.all(Array.from({ length: 8 }, one))
    assert.equal(whole, 8 * 10 * rounds)
    await stop(container)
  },
  'restarts, with the same files': async () => {
    const container = await server().start()
    await container.exec(['touch', '/kept'])
    await container.restart({ timeout: 1 })
    assert.equal((await container.exec(['ls', '/kept'])).exitCode, 0)
    assert.equal(await get(container), 'hi\n')
    await stop(container)
  },
  'uses one again': async () => {
    const make = () => idle().withName('again').withReuse().start()
    const [first, second] = [await make(), await make()]
    assert.equal(first.getId(), second.getId())
    await stop(first)
  },
  'limits and mounts': async () => {
    const container = await idle()
      .withTmpFs({ '/t': 'rw,noexec,size=1m' })
      .withUlimits({ nofile: { soft: 111, hard: 222 } })
      .withResourcesQuota({ memory: 0.25, cpu: 0.5 })
      .start()
    const { output } = await container.exec(['sh', '-c', 'grep " /t " /proc/mounts; ulimit -n'])
    assert.match(output, /^tmpfs \/t tmpfs .*noexec.*\n111\n$/)
    await stop(container)
  },
  'commits and builds': async () => {
    const container = await idle().start()
    await container.exec(['sh', '-c', 'echo committed > /c'])
    await container.commit({ repo: 'tc', tag: 'committed', deleteOnExit: false })
    await stop(container)
    const path = context('built', 'FROM tc:committed\nARG V\nRUN echo $V >> /c\nCMD ["sleep", "1000"]\n')
    const image = await GenericContainer.fromDockerfile(path).withBuildArgs({ V: 'built' }).build()
    const built = await image.start()
    assert.equal((await built.exec(['cat', '/c'])).output, 'committed\nbuilt\n')
    await stop(built)
  },
  'a Compose file, by tscompose in the place of docker compose': async () => {
    const path = join(workFolder, 'composed')
    mkdirSync(path)
    const command = SERVE.replaceAll('"', '')
    writeFileSync(
      join(path, 'compose.yaml'),
      `services: {web: {image: ${IMAGE}, command: ["sh", "-c", "${command}"], ports: ["8080"]}}\n`,
    )
    const environment = await new DockerComposeEnvironment(path, 'compose.yaml')
      .withWaitStrategy('web-1', Wait.forLogMessage('ready'))
      .up()
    // It says that it is ready a moment before it listens.
    const page = () => get(environment.getContainer('web-1')).catch(() => undefined)
    let said = await page()
    while (said === undefined) said = await page()
    assert.equal(said, 'hi\n')
    await environment.down({ timeout: 0, removeVolumes: true })
  },
})
