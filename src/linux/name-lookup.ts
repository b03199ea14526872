import { execFile } from 'node:child_process'
import { type LookupAddress, lookup } from 'node:dns'
import { isIPv6, type LookupFunction } from 'node:net'
import { errnoOf } from '../diagnostics/index.ts'

/** The most that the addresses of a name may be, in bytes of `getent`'s. */
const MOST = 64 * 1024

/**
 * Looks names up as `getaddrinfo` does, for node:net, until the signal: Node's own lookup cannot be given up, and keeps a process
 * alive for as long as name servers are silent. By the program `getent` of the C library; where there is none, by Node. Each name is
 * looked up once for all connections.
 */
export function lookupUntil(signal: AbortSignal): LookupFunction {
  const asked = new Map<string, Promise<readonly LookupAddress[] | 'no program'>>()
  return (hostname, options, callback) => {
    const answer = asked.get(hostname) ?? addressesOf(hostname, signal)
    asked.set(hostname, answer)
    void answer.then(all => {
      if (all === 'no program') {
        lookup(hostname, options, callback)
        return
      }
      const family = Number(options.family ?? 0)
      const found = all.filter(each => family === 0 || each.family === family)
      const [first] = found
      if (first === undefined) callback(asOfNode(signal.aborted ? 'ECANCELLED' : 'ENOTFOUND', hostname), [])
      else if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

/** What `getent` says; nothing where it fails or is broken off. */
function addressesOf(
  hostname: string,
  signal: AbortSignal,
): Promise<readonly LookupAddress[] | 'no program'> {
  return new Promise(resolve => {
    execFile('getent', ['ahosts', hostname], { signal, maxBuffer: MOST }, (error, stdout) =>
      resolve(error && errnoOf(error) === 'ENOENT' ? 'no program' : addressesIn(stdout)),
    )
  })
}

/** Its lines begin with an address, which comes once for each type of socket. */
function addressesIn(output: string): LookupAddress[] {
  const addresses = output.split('\n').flatMap(line => /^[\da-f.:]+/i.exec(line)?.[0] ?? [])
  return [...new Set(addresses)].map(address => ({ address, family: isIPv6(address) ? 6 : 4 }))
}

/** As Node tells it. */
function asOfNode(code: string, hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), {
    code,
    syscall: 'getaddrinfo',
    hostname,
  })
}
