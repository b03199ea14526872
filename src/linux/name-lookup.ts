import { execFile } from 'node:child_process'
import { type LookupAddress, lookup } from 'node:dns'
import { isIPv6, type LookupFunction } from 'node:net'
import { errnoOf } from '../diagnostics/index.ts'

/** The most that the addresses of a name may be, in bytes of `getent`'s. */
const MOST = 64 * 1024

/**
 * Looks names up as `getaddrinfo` does, for node:net, until the signal: Node's own lookup cannot be given up, and keeps a process
 * alive for as long as name servers are silent. By the program `getent` of the C library; where there is none, by Node.
 */
export function lookupUntil(signal: AbortSignal): LookupFunction {
  return (hostname, options, callback) => {
    execFile('getent', ['ahosts', hostname], { signal, maxBuffer: MOST }, (error, stdout) => {
      if (error && errnoOf(error) === 'ENOENT') {
        lookup(hostname, options, callback)
        return
      }
      const found = addressesIn(stdout, Number(options.family ?? 0))
      const [first] = found
      if (first === undefined) callback(asOfNode(signal.aborted ? 'ECANCELLED' : 'ENOTFOUND', hostname), [])
      else if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

/** Its lines begin with an address, which comes once for each type of socket. Family 0: any. */
function addressesIn(output: string, family: number): LookupAddress[] {
  const addresses = output.split('\n').flatMap(line => /^[\da-f.:]+/i.exec(line)?.[0] ?? [])
  return [...new Set(addresses)]
    .map(address => ({ address, family: isIPv6(address) ? 6 : 4 }))
    .filter(each => family === 0 || each.family === family)
}

/** As Node tells it. */
function asOfNode(code: string, hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ${code} ${hostname}`), {
    code,
    syscall: 'getaddrinfo',
    hostname,
  })
}
