import type { ConfigFlags } from '../options.ts'

/** `tscompose config` without a flag. */
export const NO_FLAGS: ConfigFlags = {
  quiet: false,
  format: undefined,
  output: undefined,
  services: false,
  volumes: false,
  networks: false,
  models: false,
  profiles: false,
  images: false,
  hash: undefined,
  variables: false,
  environment: false,
  noInterpolate: false,
  noNormalize: false,
  noPathResolution: false,
  noConsistency: false,
  noEnvResolution: false,
  resolveImageDigests: false,
  lockImageDigests: false,
}
