/** What shows an API server who asks. */
export interface Presented {
  readonly headers: Readonly<Record<string, string>>
  /** A client's certificate and its key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string }
}

/** Where it comes from. */
export interface Credentials {
  current(): Promise<Presented>
  /** Gets others, after the present ones were refused; false where there are none. */
  renew(): Promise<boolean>
}

/** An entry of kubeconfig as it is read. */
export type Entry = Readonly<Record<string, unknown>>

/** What plugins are told of the cluster, where they ask for it. */
export interface ClusterFacts {
  readonly server: string
  readonly entry: Entry
  readonly ca: string | undefined
}
