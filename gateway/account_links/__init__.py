"""Links accounts of the identity platform with subjects: by the name and number that its tokens state [5.1.6]."""
