"""The pages of a subject and its delegate: where one stands, who looked at one, what one has authorised [5.1.6]."""
