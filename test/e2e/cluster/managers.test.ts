// A manager that is reached by TLS and by ssh, with what may be wrong with either, and connections that are cut.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeAuthority } from '../../../src/gateway/testing/certificates.ts'
import type { TlsFiles } from '../../../src/gateway/tls.ts'
import { program, requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { dockerRegistry, HTPASSWD } from '../harness/registry/docker-registry.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { runProgram } from '../harness/run-program.ts'
import type { Result } from '../harness/sandbox.ts'
import { dockerEngine, sshServer } from './engine-tools.ts'
import { REGISTRY, SwarmLab } from './lab.ts'
import { openSsh, SSH_HOST, type SshClients } from './ssh-door.ts'
import { TlsFront } from './tls-front.ts'

const IMAGE = `${REGISTRY}/app:1`
const PORT = 2376
const TLS_HOST = `tcp://127.0.0.1:${PORT}`
type Env = Readonly<Record<string, string>>

const service = (more = ''): string =>
  `{image: "${IMAGE}", command: sh -c "echo hello; sleep 1000", stop_grace_period: 0s, deploy: {update_config: {monitor: 500ms}}${more}}`
const FILE = `services: {web: ${service()}}`

requires(
  root,
  ...dockerEngine,
  ...dockerRegistry,
  ...sshServer,
  program('openssl'),
).describe('a manager', () => {
  const authority = makeAuthority()
  const stranger = makeAuthority()
  let lab: SwarmLab
  let ssh: SshClients
  beforeAll(async () => {
    const { ca, cert, key } = authority.sign('engine', 'serverAuth')
    const flags = `--tlsverify --tlscacert ${ca} --tlscert ${cert} --tlskey ${key} -H ${TLS_HOST}`
    lab = await SwarmLab.start({ nodes: ['alpha'], flags })
    lab.pushImage('app', '1')
    ssh = await openSsh(lab)
  })
  afterAll(async () => {
    await lab?.stop()
    for (const each of [authority, stranger]) each.remove()
  })

  /** A folder with a file, in which commands are run. */
  function project(name: string, text = FILE): string {
    const folder = mkdtempSync(join(lab.folder, 'project-'))
    writeFileSync(join(folder, 'compose.yaml'), `name: ${name}\n${text}`)
    return folder
  }

  /** What a command is run with where the manager's loopback is, and the variables of its user. */
  function commandLine(argv: readonly string[], env: Env): { file: string; args: string[]; env: Env } {
    const [file = '', ...args] = [...lab.besideManager, resolve('bin/tscompose'), ...argv]
    const [rootFolder, run] = [join(lab.folder, 'root'), join(lab.folder, 'run')]
    const own = {
      PATH: process.env['PATH'] ?? '',
      HOME: lab.folder,
      TSCOMPOSE_ROOT: rootFolder,
      TSCOMPOSE_RUN: run,
    }
    return { file, args, env: { ...own, ...env } }
  }

  function tscompose(cwd: string, argv: readonly string[], env: Env = {}): Promise<Result> {
    const { file, args, env: variables } = commandLine(argv, env)
    return runProgram(file, args, { cwd, env: variables })
  }

  /** Variables of the Docker CLI for certificates, in a folder as it wants them. */
  function certificates({ ca, cert, key }: TlsFiles): Env {
    const folder = mkdtempSync(join(lab.folder, 'certificates-'))
    for (const [name, path] of Object.entries({ ca, cert, key }))
      copyFileSync(path, join(folder, `${name}.pem`))
    return { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder }
  }

  const bySsh = (folder: string): Env => ({ PATH: `${folder}:${process.env['PATH']}` })

  /** Services that Docker's client finds of a stack. */
  const servicesOf = (name: string): string[] =>
    lab
      .docker(['service', 'ls', '--filter', `label=com.docker.stack.namespace=${name}`, '-q'])
      .split('\n')
      .filter(line => line !== '')

  /** A context of the Docker CLI with certificates, and the variable that finds it. */
  function context(): Env {
    const { DOCKER_CERT_PATH: from = '' } = certificates(authority.sign('me', 'clientAuth'))
    const folder = mkdtempSync(join(lab.folder, 'contexts-'))
    const options = ['ca', 'cert', 'key'].map(name => `${name}=${join(from, `${name}.pem`)}`)
    lab.docker(['context', 'create', 'prod', '--docker', `host=${TLS_HOST},${options.join()}`], 'docker', {
      DOCKER_CONFIG: folder,
    })
    return { DOCKER_CONFIG: folder }
  }

  test.each<readonly [string, readonly string[], () => Env, readonly string[]]>([
    ['-H with certificates', ['-H', TLS_HOST], () => certificates(authority.sign('me', 'clientAuth')), ['a']],
    ['a context', ['--context', 'prod'], context, ['a']],
    // More services than connections that sshd bears at once.
    ['ssh', ['-H', SSH_HOST], () => bySsh(ssh.known), ['a', 'b', 'c', 'd', 'e', 'f']],
  ])('is reached by %s', {}, async (_, place, makeEnv, names) => {
    const env = makeEnv()
    const cwd = project('reached', `services: {${names.map(name => `${name}: ${service()}`).join(', ')}}`)
    const run = async (...words: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await tscompose(cwd, [...words, ...place], env)
      expect(status, stderr).toBe(0)
      return stdout
    }
    await run('deploy')
    expect(await run('deploy', 'plan')).toMatch(/^Nothing to do/)
    const ps = await run('deploy', 'ps', '--format', 'json')
    expect(ps.trim().split('\n')).toHaveLength(names.length)
    expect((await run('deploy', 'logs', '--no-log-prefix')).trim().split('\n')).toEqual(
      names.map(() => 'hello'),
    )
    await run('deploy', 'down')
    expect(servicesOf('reached')).toEqual([])
  })

  describe('changes nothing', () => {
    const refused = async (host: string, env: Env): Promise<string> => {
      const { status, stderr } = await tscompose(project('refused'), ['deploy', '-H', host], env)
      expect([status, servicesOf('refused')]).toEqual([1, []])
      return stderr
    }
    const past = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']

    test.each<readonly [string, () => Env]>([
      [
        'of another authority',
        () => certificates({ ...stranger.sign('me', 'clientAuth'), ca: authority.ca }),
      ],
      ['that has expired', () => certificates(authority.sign('late', 'clientAuth', ...past))],
      ['that is a server’s', () => certificates(authority.sign('server', 'serverAuth'))],
      ['while it has one of an unknown authority', () => certificates(stranger.sign('me', 'clientAuth'))],
    ])('for a certificate %s', {}, async (_, makeEnv) => {
      expect(await refused(TLS_HOST, makeEnv())).toMatch(/ENGINE_TLS/)
    })

    test('where its own has expired', {}, async () => {
      const socket = lab.manager.replace('unix://', '')
      const front = await TlsFront.open(socket, authority.sign('engine-late', 'serverAuth', ...past))
      try {
        const env = certificates(authority.sign('me', 'clientAuth'))
        const { stderr } = await runProgram(resolve('bin/tscompose'), ['deploy', '-H', front.host], {
          cwd: project('refused'),
          env: { ...commandLine([], env).env },
        })
        expect(stderr).toMatch(/ENGINE_TLS .*expired/)
      } finally {
        front.close()
      }
    })

    test('where TLS is not spoken, or alone is', {}, async () => {
      expect(
        await refused(`tcp://127.0.0.1:${PORT + 10}`, certificates(authority.sign('me', 'clientAuth'))),
      ).toMatch(/ENGINE_UNREACHABLE/)
      expect(await refused(TLS_HOST.replace('tcp', 'http'), {})).toMatch(/ENGINE_TLS/)
    })

    test('where its host key is not known, and asks nobody', {}, async () => {
      expect(await refused(SSH_HOST, bySsh(ssh.first))).toMatch(/SSH_FAILED .*Host key verification failed/s)
    })

    test('where the key is not let in', {}, async () => {
      expect(await refused(SSH_HOST, bySsh(ssh.unlet))).toMatch(/SSH_FAILED .*Permission denied/s)
    })
  })

  describe('whose connections are cut', () => {
    let front: TlsFront
    let env: Env
    beforeAll(async () => {
      front = await TlsFront.open(lab.manager.replace('unix://', ''), authority.sign('front', 'serverAuth'))
      env = certificates(authority.sign('me', 'clientAuth'))
    })
    afterAll(() => front?.close())

    test('in the middle of a deploy has the next one go on', {}, async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f']
      const cwd = project('cut', `services: {${names.map(name => `${name}: ${service()}`).join(', ')}}`)
      const run = (...words: readonly string[]): Promise<Result> =>
        runProgram(resolve('bin/tscompose'), [...words, '-H', front.host], {
          cwd,
          env: commandLine([], env).env,
        })
      front.cutAt(/POST \S*\/services\/create/, 4)
      const { status, stderr } = await run('--parallel', '2', 'deploy')
      expect([status, /ENGINE_UNREACHABLE/.test(stderr), front.requests]).toEqual([1, true, 4])
      const again = await run('deploy')
      expect(again.status, again.stderr).toBe(0)
      expect((await run('deploy', 'plan')).stdout).toMatch(/^Nothing to do/)
      expect(servicesOf('cut')).toHaveLength(names.length)
    })

    test('while its logs are followed says so', {}, async () => {
      const cwd = project('cut')
      const following = spawn(resolve('bin/tscompose'), ['deploy', 'logs', '-f', '-H', front.host], {
        cwd,
        env: commandLine([], env).env,
      })
      const output = { stdout: '', stderr: '' }
      for (const name of ['stdout', 'stderr'] as const)
        following[name].on('data', (bytes: Buffer) => {
          output[name] += bytes
        })
      const ended = new Promise(resolve => following.once('exit', resolve))
      await eventually('lines have come', () => output.stdout.split('hello').length > 6)
      front.cut()
      expect([await ended, /ENGINE_UNREACHABLE/.test(output.stderr)]).toEqual([1, true])
      await tscompose(cwd, ['deploy', 'down', '-H', lab.manager])
    })
  })

  describe('and images that are built here, for a registry with a password', () => {
    const LOCKED = '127.0.0.1:5001'
    const build = `build: {context: ., dockerfile_inline: "FROM ${IMAGE}\\nCOPY version /version"}`
    const text = `services: {web: {image: "${LOCKED}/built:1", ${build}, command: sleep 1000, stop_grace_period: 0s, deploy: {update_config: {monitor: 500ms}}}}`
    const login = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')
    let cwd: string
    let known: Env
    beforeAll(() => {
      cwd = project('built', text)
      writeFileSync(join(cwd, 'version'), 'one')
      const folder = mkdtempSync(join(lab.folder, 'login-'))
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [LOCKED]: { auth: login } } }))
      known = { DOCKER_CONFIG: folder }
      const config = join(lab.folder, 'locked.yml')
      const path = join(lab.folder, 'htpasswd')
      writeFileSync(path, HTPASSWD)
      const auth = { htpasswd: { realm: 'test', path } }
      const storage = { filesystem: { rootdirectory: join(lab.folder, 'locked') } }
      writeFileSync(
        config,
        JSON.stringify({ version: '0.1', storage, auth, http: { addr: LOCKED, secret: 'x' } }),
      )
      lab.startInManager(`exec docker-registry serve ${config} >${lab.folder}/locked.log 2>&1`)
    })

    const run = (words: readonly string[], env: Env = known): Promise<Result> =>
      tscompose(cwd, [...words, ...(words.includes('build') ? [] : ['-H', lab.manager])], env)
    const imageOf = async (): Promise<string> =>
      (await lab.client().listServices({ filters: { name: ['built_web'] } }))[0]?.Spec.TaskTemplate
        ?.ContainerSpec?.Image ?? ''

    test('changes nothing while one is neither here nor there', {}, async () => {
      const { status, stderr } = await run(['deploy'])
      expect([status, /SWARM_IMAGE/.test(stderr), servicesOf('built')]).toEqual([1, true, []])
    })

    test('changes nothing where it is not to be pushed, or may not be', {}, async () => {
      expect((await run(['build'])).status).toBe(0)
      const unpushed = await run(['deploy', '--no-push'])
      expect([unpushed.status, /SWARM_IMAGE/.test(unpushed.stderr)]).toEqual([1, true])
      expect((await run(['deploy'], {})).status).toBe(1)
      expect(servicesOf('built')).toEqual([])
    })

    test('pushes it, says so, and has nodes pull it with the password', {}, async () => {
      const { status, stderr } = await run(['--progress', 'plain', 'deploy'])
      expect(status, stderr).toBe(0)
      expect(stderr).toMatch(/Image \S*built:1 +Pushed/)
      expect(await imageOf()).toMatch(/built:1@sha256:[0-9a-f]{64}$/)
      expect((await run(['deploy', 'plan'])).stdout).toMatch(/^Nothing to do/)
    })

    test('goes on with another one of the same name', {}, async () => {
      const before = await imageOf()
      writeFileSync(join(cwd, 'version'), 'two')
      await run(['build'])
      const { status, stderr } = await run(['deploy'])
      expect(status, stderr).toBe(0)
      expect(await imageOf()).not.toBe(before)
      await run(['deploy', 'down'])
    })
  })
})
