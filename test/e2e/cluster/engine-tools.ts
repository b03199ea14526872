import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Need, present, program } from '../../requires.ts'

/** Where tools/setup.sh unpacks Debian's engine and what it needs, each package in a folder of its own. */
const TOOLS = resolve('node_modules/.tools/engine')

/** What a test says it needs that has a Docker Engine of its own. */
export const dockerEngine: readonly Need[] = [
  present('docker.io', join(TOOLS, 'docker.io/usr/sbin/dockerd')),
  present('containerd', join(TOOLS, 'containerd/usr/bin/containerd')),
  present('runc', join(TOOLS, 'runc/usr/sbin/runc')),
  present('iptables', join(TOOLS, 'iptables/usr/sbin/xtables-nft-multi')),
]

/** Where Debian's sshd is. */
export const SSHD: string = join(TOOLS, 'openssh-server/usr/sbin/sshd')

/** What a test says it needs that lets clients in by ssh. */
export const sshServer: readonly Need[] = [present('openssh-server', SSHD), program('ssh')]

/** Variables with which the unpacked programs find each other; `folder` gets links to those that answer to several names. */
export function engineEnvironment(folder: string): Readonly<Record<string, string>> {
  const multi = join(TOOLS, 'iptables/usr/sbin/xtables-nft-multi')
  mkdirSync(folder, { recursive: true })
  for (const family of ['iptables', 'ip6tables'])
    for (const suffix of ['', '-save', '-restore'])
      if (!existsSync(join(folder, family + suffix))) symlinkSync(multi, join(folder, family + suffix))
  const packages = readdirSync(TOOLS).map(name => join(TOOLS, name))
  const programs = packages.flatMap(each => [join(each, 'usr/sbin'), join(each, 'usr/bin')])
  const libraries = packages.flatMap(each =>
    existsSync(join(each, 'usr/lib'))
      ? readdirSync(join(each, 'usr/lib'))
          .filter(name => name.endsWith('-linux-gnu'))
          .map(name => join(each, 'usr/lib', name))
      : [],
  )
  const registry = resolve('node_modules/.tools/docker-registry/usr/bin')
  return {
    PATH: [folder, ...programs, registry, process.env['PATH'] ?? ''].join(':'),
    LD_LIBRARY_PATH: libraries.join(':'),
    XTABLES_LIBDIR: libraries.map(each => join(each, 'xtables')).find(existsSync) ?? '',
  }
}
