import { readCertificates, type TlsFiles } from './certificates.ts'
import { type DaemonRules, readDaemonRules } from './docker-daemon.ts'
import { type RegistryRule, readRegistriesConf } from './registries-conf.ts'

/** Where Docker and the containers tools keep what they know about registries. */
export interface SettingsPaths {
  /** Docker's `daemon.json`. */
  readonly daemon: string
  /** `registries.conf`; the `*.conf` in a folder of its name with `.d` come after it. */
  readonly registriesConf: string
  /** Folders with a folder a registry, `HOST[:PORT]`, in it authorities (`*.crt`) and pairs of `*.cert` and `*.key`. */
  readonly certificates: readonly string[]
}

/** The paths of a machine. */
const MACHINE_PATHS: SettingsPaths = {
  daemon: '/etc/docker/daemon.json',
  registriesConf: '/etc/containers/registries.conf',
  certificates: ['/etc/containers/certs.d', '/etc/docker/certs.d'],
}

/** What this machine's files and environment say about registries. */
export interface RegistrySettings {
  readonly daemon: DaemonRules
  readonly rules: readonly RegistryRule[]
  /** The authorities and the client's certificate for `HOST[:PORT]`, as PEM; read when they are asked for. */
  certificatesOf(host: string): Promise<TlsFiles | undefined>
  /** HTTPS_PROXY and its like. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Reads the settings; raises REGISTRY_SETTINGS for a file that cannot be read. */
export async function readSettings(
  paths: SettingsPaths = MACHINE_PATHS,
  env: RegistrySettings['env'] = process.env,
): Promise<RegistrySettings> {
  return {
    daemon: await readDaemonRules(paths.daemon),
    rules: await readRegistriesConf(paths.registriesConf),
    certificatesOf: host => readCertificates(paths.certificates, host),
    env,
  }
}
