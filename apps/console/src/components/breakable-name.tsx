/** A long technical name that a narrow column may break, but only where one of its words begins. */
export function BreakableName({ name }: { name: string }) {
  const words = name.split(/(?=[A-Z/])/);
  return (
    <>
      {words.map((word, index) => (
        <>
          {index > 0 && <wbr />}
          {word}
        </>
      ))}
    </>
  );
}
