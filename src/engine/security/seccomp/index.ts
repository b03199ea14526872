/** Which seccomp filter a container gets. `profile` holds the text of a profile in Docker's JSON format. */
export type SeccompOption =
  | { readonly kind: 'default' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'profile'; readonly json: string }
