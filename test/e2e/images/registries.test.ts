import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import { RegistryClient } from '../../../src/image/registry/index.ts'
import { readSettings } from '../../../src/image/registry/settings/settings.ts'
import type { RegistryCredentials } from '../../../src/oci/credentials.ts'
import { parseReference } from '../../../src/oci/reference.ts'
import { requires, root } from '../../requires.ts'
import { makeCertificate } from '../harness/registry/certificate.ts'
import { ConnectProxy } from '../harness/registry/connect-proxy.ts'
import {
  type DockerRegistry,
  dockerRegistry,
  type RegistryOptions,
  startRegistry,
} from '../harness/registry/docker-registry.ts'
import { layerOf, publish } from '../harness/registry/publish.ts'
import { LOGIN } from '../harness/registry/token-server.ts'
import { makeSandbox } from '../harness/sandbox.ts'

const closing: (() => unknown)[] = []
const gate = requires(...dockerRegistry)

/** How registries are found and let us in. What they send is the matter of pull.test.ts. */
gate.describe('registries', () => {
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function start(options?: RegistryOptions): Promise<DockerRegistry> {
    const registry = await startRegistry(options)
    closing.push(() => registry.stop())
    return registry
  }

  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'tscompose-registries-'))
    closing.push(() => rmSync(path, { recursive: true }))
    return path
  }

  /** A client that reads its settings in a folder, as it would in /etc. */
  async function client(
    etc: string,
    credentials?: RegistryCredentials,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RegistryClient> {
    const settings = await readSettings(
      {
        daemon: join(etc, 'daemon.json'),
        registriesConf: join(etc, 'registries.conf'),
        certificates: [join(etc, 'certs.d')],
      },
      env,
    )
    return new RegistryClient({ credentials: async () => credentials, settings })
  }

  gate.test('with names and passwords lets in who has one', {}, async () => {
    const { domain } = await start({ access: 'basic' })
    const none = parseReference(`${domain}/app:none`)
    const login = { ...LOGIN }
    await expect((await client(folder(), login)).resolve(none)).rejects.toMatchObject({
      code: 'REGISTRY_NOT_FOUND',
    })
    for (const wrong of [undefined, { ...login, password: 'wrong' }]) {
      await expect((await client(folder(), wrong)).resolve(none)).rejects.toMatchObject({
        code: 'REGISTRY_UNAUTHORIZED',
      })
    }
  })

  gate.test(
    'with tokens are asked for one for what is read, by password or by refresh token',
    {},
    async () => {
      const { domain, tokens } = await start({ access: 'token' })
      const refresh = { identitytoken: tokens?.refreshToken }
      for (const [name, login] of [
        ['public/app', undefined],
        ['private/app', { ...LOGIN }],
        ['private/other', refresh],
      ] as const) {
        const asking = await client(folder(), login)
        const none = parseReference(`${domain}/${name}:none`)
        await expect(asking.resolve(none)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
        await expect(asking.resolve(none)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
      }
      expect(tokens?.scopes).toEqual([
        'repository:public/app:pull',
        'repository:private/app:pull',
        'repository:private/other:pull',
      ])
      await expect(
        (await client(folder())).resolve(parseReference(`${domain}/private/app:none`)),
      ).rejects.toMatchObject({ code: 'REGISTRY_UNAUTHORIZED' })
    },
  )

  gate.test('of an authority in certs.d are trusted by it, and by it alone', {}, async () => {
    const { domain, certificate } = await start({ tls: true })
    const etc = folder()
    const certificates = join(etc, 'certs.d', domain)
    mkdirSync(certificates, { recursive: true })
    cpSync(certificate?.certificate ?? '', join(certificates, 'ca.crt'))
    const none = parseReference(`${domain}/app:none`)
    await expect((await client(etc)).resolve(none)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
    cpSync(makeCertificate(folder()).certificate, join(certificates, 'ca.crt'))
    await expect((await client(etc)).resolve(none)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
  })

  gate.test('that want a certificate of who asks are shown the one of certs.d', {}, async () => {
    const { domain, certificate } = await start({ tls: true, clientCertificate: true })
    const etc = folder()
    const certificates = join(etc, 'certs.d', domain)
    mkdirSync(certificates, { recursive: true })
    cpSync(certificate?.certificate ?? '', join(certificates, 'ca.crt'))
    const none = parseReference(`${domain}/app:none`)
    await expect((await client(etc)).resolve(none)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' })
    cpSync(certificate?.certificate ?? '', join(certificates, 'me.cert'))
    cpSync(certificate?.key ?? '', join(certificates, 'me.key'))
    await expect((await client(etc)).resolve(none)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
  })

  gate.test('are reached through a proxy', {}, async () => {
    const { domain, certificate } = await start({ tls: true })
    const proxy = await ConnectProxy.start(domain)
    closing.push(() => proxy.close())
    const etc = folder()
    const certificates = join(etc, 'certs.d', 'registry.example')
    mkdirSync(certificates, { recursive: true })
    cpSync(certificate?.certificate ?? '', join(certificates, 'ca.crt'))
    const none = parseReference('registry.example/app:none')
    const asking = await client(etc, undefined, { HTTPS_PROXY: proxy.address })
    await expect(asking.manifest(none)).rejects.toMatchObject({ code: 'REGISTRY_NOT_FOUND' })
    expect(proxy.asked).toEqual(['registry.example:443'])
    expect(proxy.logins).toEqual([`Basic ${Buffer.from('user:word').toString('base64')}`])
  })

  requires(
    root,
    ...dockerRegistry,
  ).test('are reached by the engine as the command that starts it says', {}, async () => {
    const { domain, certificate } = await start({ tls: true })
    const proxy = await ConnectProxy.start(domain)
    closing.push(() => proxy.close())
    const env = { https_proxy: proxy.address, SSL_CERT_FILE: certificate?.certificate ?? '' }
    const sandbox = makeSandbox({ env })
    closing.push(() => sandbox.close())
    sandbox.write('Dockerfile', 'FROM registry.example/team/none\n')
    sandbox.write('compose.yaml', 'services: {app: {build: .}}\n')
    const { stderr } = await sandbox.run('build')
    expect(stderr).toContain('REGISTRY_NOT_FOUND')
    expect(new Set(proxy.asked)).toEqual(new Set(['registry.example:443']))
  })

  gate.test('have mirrors, of which one that is down is passed over', {}, async () => {
    const { domain } = await start()
    const image = await publish(domain, 'library/app', 'v1', [layerOf({ name: 'a', content: 'a' })])
    const etc = folder()
    const mirrors = ['http://127.0.0.1:9', `http://${domain}`]
    writeFileSync(join(etc, 'daemon.json'), JSON.stringify({ 'registry-mirrors': mirrors }))
    expect(await (await client(etc)).resolve(parseReference('app:v1'))).toBe(image.digest)
    const conf = `[[registry]]\nprefix = "corp.example/apps"\n[[registry.mirror]]\nlocation = "${domain}/library"`
    writeFileSync(join(etc, 'registries.conf'), conf)
    expect(await (await client(etc)).resolve(parseReference('corp.example/apps/app:v1'))).toBe(image.digest)
  })
})
