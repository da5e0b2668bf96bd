/** Leaves the page for the sign-in page, which leads back to it. */
export function signIn(): void {
  const here = location.pathname + location.search + location.hash;
  location.assign(`/auth/login?return_to=${encodeURIComponent(here)}`);
}
