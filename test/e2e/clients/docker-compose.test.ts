import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { freePort, makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'
import { COMPOSE } from './compose.ts'

// The waist is real only if the other Compose runs on our engine as well.
requires(present('Docker Compose', COMPOSE)).describe('Docker Compose against our engine', () => {
  let sandbox: Sandbox
  let port: number

  beforeAll(async () => {
    sandbox = makeSandbox()
    port = await freePort()
    await sandbox.busybox()
    await sandbox.hold()
    sandbox.write('www/index.html', 'hello\n')
    sandbox.write('store/Dockerfile', 'FROM busybox\nRUN echo built > /built\n')
    sandbox.write(
      'compose.yaml',
      `
name: other
services:
  web:
    image: busybox
    command: httpd -f -p 80 -h /www
    volumes: ["./www:/www:ro"]
    ports: ["127.0.0.1:${port}:80"]
    networks: [front, back]
    depends_on: {store: {condition: service_healthy}}
  store:
    build: store
    command: sh -c 'trap "exit 0" TERM; cat /built; while true; do sleep 0.1; done'
    networks: {back: {aliases: [db]}}
    volumes: ["data:/data"]
    healthcheck: {test: [CMD, "true"], interval: 1s, start_period: 5s, start_interval: 100ms}
networks: {front: {}, back: {}}
volumes: {data: {}}
`,
    )
  })
  afterAll(() => sandbox.close())

  const compose = (...args: string[]): Promise<Result> => composeWith({ DOCKER_BUILDKIT: '0' }, ...args)
  const composeWith = (own: Readonly<Record<string, string>>, ...args: string[]): Promise<Result> => {
    const env = {
      PATH: process.env['PATH'],
      HOME: sandbox.folder,
      DOCKER_HOST: `unix://${sandbox.socket}`,
      DOCKER_CONFIG: join(sandbox.folder, 'docker-config'),
      ...own,
    }
    const options = { cwd: sandbox.folder, env, timeout: 60_000 }
    return runProgram(COMPOSE ?? '', ['--ansi', 'never', ...args], options)
  }

  test('up builds, waits and serves, and has nothing to do the second time', async () => {
    showLogOnFailure(sandbox)
    expect(await compose('up', '-d')).toMatchObject({ status: 0 })
    expect(
      await eventually('it listens', async () => (await fetch(`http://127.0.0.1:${port}/`)).text()),
    ).toBe('hello\n')
    const again = await compose('up', '-d')
    expect(again).toMatchObject({ status: 0 })
    expect(again.stderr).not.toMatch(/Creat|Recreat|Starting/)
  })

  test('builds by BuildKit, as it does by default, what the builder before it built', async () => {
    showLogOnFailure(sandbox)
    const docker = new Docker({ socketPath: sandbox.socket })
    const layers = async (): Promise<readonly string[]> =>
      (await docker.getImage('other-store').inspect()).RootFS.Layers ?? []
    const before = await layers()
    for (const own of [{}, { COMPOSE_BAKE: 'true' }, { COMPOSE_BAKE: 'false' }]) {
      const { status, stderr } = await composeWith(own, 'build')
      expect({ own, status, stderr }).toMatchObject({ own, status: 0 })
      expect(await layers()).toEqual(before)
    }
    docker.modem.destroy()
  })

  test('logs, exec and ps find the containers', async () => {
    showLogOnFailure(sandbox)
    expect(await compose('logs', '--no-log-prefix', 'store')).toMatchObject({ stdout: 'built\n' })
    expect(await compose('exec', '-T', 'web', 'wget', '-qO-', 'http://web/')).toMatchObject({
      stdout: 'hello\n',
    })
    expect(await compose('exec', '-T', 'web', 'sh', '-c', 'exit 7')).toMatchObject({ status: 7 })
    const rows = (await compose('ps', '--format', '{{.Name}} {{.State}}')).stdout.trim().split('\n')
    expect(rows).toEqual(['other-store-1 running', 'other-web-1 running'])
  })

  test('our own ps sees the same project', async () => {
    showLogOnFailure(sandbox)
    const rows = (await sandbox.ok('ps', '--format', 'json')).stdout.trim().split('\n')
    expect(rows.map(row => JSON.parse(row).Name)).toEqual(['other-store-1', 'other-web-1'])
  })

  test('down -v leaves nothing', async () => {
    showLogOnFailure(sandbox)
    expect(await compose('down', '-v')).toMatchObject({ status: 0 })
    const docker = new Docker({ socketPath: sandbox.socket })
    expect(await docker.listContainers({ all: true })).toEqual([])
    expect((await docker.listVolumes()).Volumes).toEqual([])
    docker.modem.destroy()
  })
})
