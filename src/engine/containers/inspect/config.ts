import type { ContainerConfig, Told } from '../../../api/types/index.ts'

/** What Docker says of the fields that it always shows. */
const NOTHING_SET: Told<ContainerConfig> = {
  Hostname: '',
  Domainname: '',
  User: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: null,
  Cmd: null,
  Image: '',
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: {},
}

/** `Config` of an inspect; `container.record.config`, the image's merged in, with Docker's word for what is not set. */
export function renderConfig(
  { ExposedPorts = {}, Volumes = {}, ...config }: ContainerConfig,
  macAddress?: string,
): Told<ContainerConfig> {
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
  return {
    ...NOTHING_SET,
    ...set,
    ...(Object.keys(ExposedPorts).length === 0 ? {} : { ExposedPorts }),
    Volumes: Object.keys(Volumes).length === 0 ? null : Volumes,
    ...(macAddress === undefined ? {} : { MacAddress: macAddress }),
  }
}
