import { spawn } from 'node:child_process'
import { errnoOf, failure } from '../../diagnostics/index.ts'
import { started } from '../../linux/started.ts'

/** Longest text of nft's complaints that is kept. */
const STDERR_MAX = 4096

/** What `nft` came to. */
export interface NftResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `nft` with these arguments and this input. Failure FIREWALL_UNAVAILABLE when there is no `nft`. */
export function runNft(args: readonly string[], input = ''): Promise<NftResult> {
  return new Promise((resolve, reject) => {
    const child = started(spawn('nft', args, { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: SEARCH_PATH } }))
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < STDERR_MAX) stderr += text
    })
    child.once('error', error => reject(unavailable(error)))
    child.once('close', code => resolve({ code: code ?? 255, stdout, stderr }))
    // nft that ends early closes its input; its exit code says why.
    child.stdin.once('error', error => {
      if (errnoOf(error) !== 'EPIPE') reject(error)
    })
    child.stdin.end(input)
  })
}

/** The places of system programs; the caller's PATH may lack sbin, and is not trusted. */
const SEARCH_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Loads a ruleset in one transaction; resolves to what its `list` commands print. Failure FIREWALL_FAILED with nft's own words. */
export async function loadRuleset(ruleset: string, nft: typeof runNft = runNft): Promise<string> {
  const { code, stdout, stderr } = await nft(['-f', '-'], ruleset)
  if (code === 0) return stdout
  throw failure({
    code: 'FIREWALL_FAILED',
    kind: 'internal',
    summary: 'nft refused the firewall rules',
    detail: stderr.trim(),
    hint: 'Networks and published ports need nf_tables with NAT in the kernel (modules nft_chain_nat, nft_masq, nft_fib_inet)',
  })
}

function unavailable(error: Error): Error {
  if (errnoOf(error) !== 'ENOENT') return error
  return failure({
    code: 'FIREWALL_UNAVAILABLE',
    kind: 'unavailable',
    summary: 'The program "nft" is not installed',
    hint: 'Install the package nftables',
    cause: error,
  })
}
