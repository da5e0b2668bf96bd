export interface SignInPage {
  /** Carried through the form: the authorization request as it came. */
  readonly hidden: Readonly<Record<string, string | undefined>>;
  readonly userName: string;
  readonly error: string | undefined;
}

export function signInPage({ hidden, userName, error }: SignInPage): string {
  const fields = Object.entries(hidden).map(
    ([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value ?? '')}">`,
  );
  const alert = error === undefined ? '' : `<p class="alert" role="alert" id="problem">${escape(error)}</p>`;
  const described = error === undefined ? '' : ' aria-describedby="problem" aria-invalid="true"';
  return page(
    'Sign in',
    `<form method="post" action="/auth/v3/sign-in">
      <h1>Sign in</h1>
      <p class="hint">Engage simulator, contact centre <strong>t100</strong></p>
      ${alert}
      ${fields.join('\n      ')}
      <label for="username">User name</label>
      <input id="username" name="username" value="${escape(userName)}" autocomplete="username" autocapitalize="none"
        spellcheck="false" required autofocus${described}>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required${described}>
      <button type="submit">Sign in</button>
    </form>`,
  );
}

export function messagePage(title: string, message: string): string {
  return page(title, `<section><h1>${escape(title)}</h1><p>${escape(message)}</p></section>`);
}

function page(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · Engage simulator</title>
<style>${STYLE}</style>
</head>
<body>
  <main>${main}</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #566273; --card: #fff; --ground: #eef2f6; --line: #8794a5; --accent: #0b5cad; --on: #fff; --bad: #a4161a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #a9b5c4; --card: #1b232d; --ground: #10151b; --line: #66758a; --accent: #7db8f5; --on: #0c1722; --bad: #ff9a9a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(24rem, 100% - 2rem); background: var(--card); padding: 2rem; border-radius: .75rem; border-top: .3rem solid var(--accent); box-shadow: 0 .5rem 2rem #0002; }
h1 { margin: 0; font-size: 1.5rem; }
.hint { margin: .25rem 0 1.25rem; color: var(--soft); }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input:not([type=hidden]) { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .4rem; }
button { width: 100%; margin-top: 1.5rem; padding: .7rem; font: inherit; font-weight: 600; color: var(--on); background: var(--accent); border: 0; border-radius: .4rem; cursor: pointer; }
button:hover { filter: brightness(1.1); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.alert { margin: 0; padding: .6rem .75rem; color: var(--bad); border: 1px solid; border-radius: .4rem; }
`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
