from onefold.cli.path import piece


def test_a_piece_of_a_path_may_hold_anything() -> None:
    assert piece("a/b ?#%é") == "a%2Fb%20%3F%23%25%C3%A9"
