import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { errnoOf } from '../../diagnostics/index.ts'
import { componentsOf, type Release, suitesOf } from './distribution.ts'

const run = promisify(execFile)

/** What the host's own apt knows of archives. */
export interface HostApt {
  /** Archives by address, with the suites that the host takes from each. */
  readonly archives: readonly { readonly uri: string; readonly suite: string }[]
  /** Settings that reach the archive needs here: proxies, dated mirrors. `Acquire::http::Proxy "…"`. */
  readonly options: readonly string[]
}

/** Settings of the host that decide whether its mirror can be used at all. */
const OPTIONS =
  /^Acquire::(?:Check-Valid-Until|Check-Date|https?::(?:Proxy|Verify-Peer|Verify-Host|CAInfo)\b[^ ]*) /

/** Asks the host's apt; a host without apt knows nothing. */
export async function readHostApt(): Promise<HostApt> {
  const [targets, config] = await Promise.all([
    output('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)']),
    output('apt-config', ['dump']),
  ])
  return { archives: parseTargets(targets), options: config.split('\n').filter(line => OPTIONS.test(line)) }
}

/** Archives of `<uri> <suite>` lines, each once, only those that are fetched over the network. */
export function parseTargets(text: string): HostApt['archives'] {
  const lines = new Set(text.split('\n').filter(line => /^https?:\/\/\S+ \S+$/.test(line)))
  return [...lines].map(line => {
    const [uri = '', suite = ''] = line.split(' ')
    return { uri, suite }
  })
}

/**
 * Lines of sources.list for a release, taken from the mirror that the host itself uses; undefined when the host has
 * none for that distribution. `dated` marks archives whose Release files may be past their date.
 */
export function sourceLines(release: Release, host: HostApt): readonly string[] | undefined {
  const main = mirrorOf(host, `/${release.distribution}/?$`)
  if (main === undefined) return undefined
  const security = mirrorOf(host, '[/.]debian-security/?$') ?? main.replace(/debian\/?$/, 'debian-security/')
  const dated = host.options.some(option => /^Acquire::Check-Valid-Until "(?:false|0|no)"/i.test(option))
  const options = dated ? '[check-valid-until=no] ' : ''
  const components = componentsOf(release).join(' ')
  return suitesOf(release).map(({ archive, suite }) => {
    const uri = archive === 'main' ? main : security
    return `deb ${options}${uri} ${suite} ${components}`
  })
}

/** The first archive whose address ends so; never one with a password, which would come to lie in the image. */
function mirrorOf({ archives }: HostApt, ending: string): string | undefined {
  const pattern = new RegExp(ending)
  return archives.find(({ uri }) => pattern.test(uri) && !/\/\/[^/]*@/.test(uri))?.uri
}

async function output(command: string, args: readonly string[]): Promise<string> {
  try {
    const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
    return (await run(command, [...args], { env, maxBuffer: 16 * 1024 * 1024 })).stdout
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
